"""`weir run --check-invariants` over an MPI that delivers one message twice: repeated_message.cpp."""

from weir_process import WeirTest, main, run

WORK = ["--emulate", "nodes=4x1*4;work_ms=10", "--stream", "iot", "--load", "0.7", "--duration",
        "2s", "--policy", "tree", "--json"]
CHECKED = [*WORK, "--check-invariants"]


class RepeatedMessage(WeirTest):
    def test_of_none_lets_the_run_complete(self):
        self.assert_completed(run(4, *CHECKED))

    def test_that_ends_or_places_tasks_ends_the_run_with_what_was_broken(self):
        for message in ("ends", "tasks"):
            with self.subTest(message=message):
                outcome = run(4, *CHECKED, variables={"REPEATED_MESSAGE": message})
                self.assertNotEqual(outcome.code, 0)
                self.assertEqual(outcome.stdout, "", "a result of a broken run")
                self.assertRegex(outcome.stderr, r"check failed: .*\n"
                                 r"  an invariant of rank [0-3] is broken: an attempt ended twice")


if __name__ == "__main__":
    main()
