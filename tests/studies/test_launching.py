"""What lies in the folders of jobs when they are handed over."""

from resemblance.studies.jobs import Job
from resemblance.studies.launching import launched
from resemblance.tracking.sweep_lock import JOB_LOCK, holder, take


class Launcher:
    """Notes the folders of what it is handed."""

    def __init__(self):
        self.handed_over = []

    def launch(self, jobs):
        self.handed_over += [folder for _, folder in jobs]
        return [None] * len(jobs)


def test_the_mark_of_a_killed_job_is_removed_and_that_of_a_running_one_is_not(tmp_path):
    running = take(tmp_path / "0" / JOB_LOCK)
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / JOB_LOCK).write_text("process 1 on nowhere")
    launched(Launcher(), [Job((), "a", "0"), Job((), "b", "1")], tmp_path)
    assert holder(tmp_path / "0" / JOB_LOCK), "or a second process could take it as well"
    assert not (tmp_path / "1" / JOB_LOCK).exists()
    running.release()


def test_a_job_that_has_ended_since_it_was_planned_is_not_handed_over(tmp_path):
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "metrics.json").write_text("{}")
    launcher = Launcher()
    launched(launcher, [Job((), "a", "0"), Job((), "b", "1")], tmp_path)
    assert launcher.handed_over == ["1"]
