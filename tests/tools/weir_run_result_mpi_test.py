"""What `weir run` computes and prints, on several ranks and with several policies."""

import gzip
import json
import os

from weir_process import WeirTest, main, record_of, run, side_by_side, weir

# 1.5 s of all three kinds of work.
WORK = ["--stream", "finance", "--stream", "social", "--stream", "iot", "--duration", "1500ms",
        "--rate", "300", "--seed", "5", "--json"]
# Nodes that complete 200 tasks per second each.
EVEN_NODES = "nodes=4x1*8;work_ms=20"


def binance_csv(rows):
    """One message every 2 ms."""
    lines = ["t_ns,exch_ms,type,bytes,levels,price,qty"]
    for i in range(rows):
        kind, levels = ("D", 20) if i % 10 == 0 else ("B", 1)
        lines.append(f"{i * 2_000_000},{i * 2},{kind},180,{levels},,")
    return "\n".join(lines) + "\n"


class Digest(WeirTest):
    def test_is_equal_for_every_number_of_ranks_and_every_policy(self):
        first = self.assert_completed(run(1, *WORK))
        self.assertEqual(sorted(first["digest"]), ["finance", "iot", "social"])
        self.assertEqual(len(set(first["digest"].values())), 3)
        cases = [(2, "shortest_expected_delay"), (4, "shortest_expected_delay"), (2, "round_robin"),
                 (4, "work_stealing"), (4, "join_idle_queue"),
                 (2, "shortest_expected_delay+work_stealing"), (2, "prequal"),
                 (4, "prequal:probes=2"), (2, "late_binding"), (4, "late_binding"),
                 (4, "late_binding_class_aware:d=3"),
                 (4, "late_binding+work_stealing"), (2, "tree"), (4, "learned")]
        outcomes = side_by_side({(ranks, policy): (run, ranks, *WORK, "--policy", policy)
                                 for ranks, policy in cases}, at_once=3)
        for (ranks, policy), outcome in outcomes.items():
            with self.subTest(ranks=ranks, policy=policy):
                result = self.assert_completed(outcome)
                self.assertEqual((result["policy"], result["ranks"]), (policy, ranks))
                self.assertEqual(len(result["nodes"]), ranks)
                self.assertEqual(result["tasks"]["submitted"], first["tasks"]["submitted"])
                self.assertEqual(result["tasks"]["failed"], 0)
                self.assertEqual(result["digest"], first["digest"])

    def test_says_who_decided_where_the_policy_has_learned(self):
        learned = self.assert_completed(run(4, *WORK))
        self.assertEqual(learned["policy"], "learned")
        decisions = learned["learned"]
        self.assertEqual(decisions["placements"], learned["scheduling"]["decisions"])
        self.assertLessEqual(decisions["differing"], decisions["placements"])
        self.assertEqual(decisions["left_to_rule"]["not_finite"]["placements"], 0)
        self.assertNotIn("learned", self.assert_completed(run(4, *WORK, "--policy", "tree")))
        refused = run(2, *WORK, "--weights", "no/such.h5")
        self.assertEqual(refused.code, 2)
        self.assertIn("no/such.h5", refused.stderr)

    def test_is_equal_when_coordinators_move_queued_tasks(self):
        # All of it comes to rank 0, and is much for one worker.
        work = ["--stream", "finance", "--rate", "1500", "--duration", "500ms", "--work-scale", "4",
                "--dispatchers", "1", "--workers", "1", "--max-in-flight", "100000", "--json"]
        alone = self.assert_completed(run(1, *work, "--policy", "local"))
        record = os.path.join(self.folder, "moved.h5")
        moved = self.assert_completed(run(4, *work, "--policy", "local", "--migration", "on",
                                          "--record", record))
        self.assertEqual(moved["digest"], alone["digest"])
        self.assertGreater(moved["tasks"]["moved"], 0)
        self.assertGreater(moved["tasks"]["moved_bytes"], 0)
        self.assertEqual(sum(node["completed"] for node in moved["nodes"]),
                         alone["tasks"]["completed"])
        self.assertGreater(min(node["completed"] for node in moved["nodes"]), 0)
        shown = weir("explain", record, "--move", "0")
        self.assertEqual(shown.code, 0, shown.stderr)
        self.assertIn("node 0 was ordered to offer", shown.stdout)

    def test_is_equal_when_ranks_are_parked(self):
        # All stay on for the first ten seconds.
        work = ["--stream", "iot", "--rate", "60", "--duration", "12s", "--workers", "1", "--json"]
        outcomes = side_by_side({
            "alone": (run, 1, *work),
            "parked": (run, 3, *work, "--capacity", "reactive", "--node-warm-up", "200ms",
                       "--check-invariants")})
        alone, parked = map(self.assert_completed, outcomes.values())
        self.assertEqual(parked["digest"], alone["digest"])

    def test_is_equal_when_coordinators_plan_by_forecasts(self):
        work = ["--stream", "iot", "--rate", "200", "--duration", "2s", "--json",
                "--policy", "tree:price=0.5", "--cluster-size", "2"]
        plain = self.assert_completed(run(4, *work))
        planned = self.assert_completed(run(4, *work, "--plan-demand", "forecast"))
        self.assertEqual(planned["digest"], plain["digest"])
        self.assertEqual(plain["plan_demand"], {"by": "measured"})
        # Two coordinators of clusters and the root, in the half minute in which nothing is foretold.
        self.assertGreater(planned["plan_demand"]["plans"], 10)
        self.assertEqual(planned["plan_demand"]["foretold"], 0)

    def test_changes_with_the_seed(self):
        options = ["--stream", "iot", "--duration", "500ms", "--rate", "200", "--json"]
        results = [self.assert_completed(run(1, *options, "--seed", seed)) for seed in (1, 2)]
        self.assertNotEqual(results[0]["digest"], results[1]["digest"])


class Trace(WeirTest):
    def test_is_replayed_row_by_row_packed_or_not(self):
        text = binance_csv(400)
        plain = self.write("day.csv", text)
        packed = self.write("packed/day.csv.gz", gzip.compress(text.encode()))
        results = [self.assert_completed(run(ranks, "--trace", file, "--json"))
                   for ranks, file in ((1, plain), (3, packed))]
        for result in results:
            self.assertEqual(result["tasks"]["completed"], 400)
            self.assertEqual(list(result["digest"]), ["day"])
            self.assertGreaterEqual(result["elapsed_s"], 0.798)  # The last row is due then.
        self.assertEqual(results[0]["digest"], results[1]["digest"])

    def test_runs_faster_with_a_time_scale_and_ends_after_the_duration(self):
        file = self.write("day.csv", binance_csv(2000))
        result = self.assert_completed(
            run(2, "--trace", file, "--time-scale", 10, "--duration", "200ms", "--json"))
        self.assertAlmostEqual(result["tasks"]["completed"], 1000, delta=2)
        self.assertAlmostEqual(result["offered_per_s"], 5000, delta=50)


class Output(WeirTest):
    def test_is_a_table_without_json(self):
        outcome = run(2, "--stream", "iot", "--duration", "500ms", "--seed", 3)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        for word in ("learned on 2 ranks", " submitted, ", "throughput", "digest"):
            self.assertIn(word, outcome.stdout)
        self.assertLessEqual(max(map(len, outcome.stdout.splitlines())), 100)

    def test_shows_progress_only_when_it_is_forced_or_a_terminal_is_told_of(self):
        work = ["--stream", "iot", "--duration", "500ms", "--json"]
        terminal = {"WEIR_TERMINAL": "1", "WEIR_TERMINAL_COLUMNS": "80"}
        self.assertNotIn("in flight", run(2, *work).stderr)
        self.assertIn("in flight", run(2, *work, "--progress").stderr)
        self.assertIn("in flight", run(2, *work, variables=terminal).stderr)
        self.assertNotIn("in flight", run(2, *work, "--quiet", variables=terminal).stderr)

    def test_goes_to_a_record_that_replaces_an_earlier_one(self):
        work = ["--stream", "iot", "--stream", "social", "--rate", "200", "--seed", 4, "--json"]
        for duration in ("300ms", "600ms"):
            outcome = run(2, *work, "--duration", duration, "--record", self.path("run.h5"))
            result = self.assert_completed(outcome)
            self.assertEqual(os.listdir(self.folder), ["run.h5"])
            record = record_of(self.path("run.h5"))
            self.assertEqual(record["ranks"], [0, 1])
            self.assertEqual(record["tables"]["tasks"], result["tasks"]["submitted"])
            self.assertEqual(record["tables"]["dead_letters"], 0)
            self.assertEqual(record["responses"], result["tasks"]["completed"])
            self.assertGreater(record["tables"]["telemetry"], 0)
            self.assertEqual(record["attributes"]["option_stream"], "iot,social")


class Machine(WeirTest):
    def test_with_fewer_cores_than_ranks_is_warned_of_once(self):
        core = {min(os.sched_getaffinity(0))}
        work = ["--stream", "iot", "--duration", "300ms", "--json"]
        for ranks, extra, warnings in [(3, [], 1), (1, [], 0), (3, ["--emulate", EVEN_NODES], 0)]:
            with self.subTest(ranks=ranks, extra=extra):
                outcome = run(ranks, *work, *extra, cores=core)
                self.assert_completed(outcome)
                self.assertEqual(outcome.stderr.count("take turns"), warnings, outcome.stderr)


    def test_of_two_memory_domains_computes_what_one_does(self):
        # Neighbouring processors in turns.
        domains = "numa:2 core:32 pu:1(indexes=numa:core)"
        work = [*WORK, "--workers", 4, "--node-control", "on"]
        one = self.assert_completed(run(1, *work))
        two = self.assert_completed(run(1, *work, variables={"HWLOC_SYNTHETIC": domains}))
        self.assertEqual(two["digest"], one["digest"])


class Load(WeirTest):
    def test_is_a_share_of_what_nodes_that_run_tasks_complete(self):
        work = ["--stream", "iot", "--load", 0.7, "--duration", 1, "--emulate", EVEN_NODES,
                "--cluster-size", 2, "--coordinators", "dedicated", "--json"]
        # Two or four of four nodes.
        for policy, capacity, working in [("tree", 400, 2), ("local", 800, 4)]:
            with self.subTest(policy=policy):
                result = self.assert_completed(run(4, *work, "--policy", policy))
                self.assertAlmostEqual(result["bounds"]["capacity_per_s"], capacity, 3)
                self.assertAlmostEqual(result["offered_per_s"], 0.7 * capacity, 3)
                workers = [node["workers"] for node in result["nodes"]]
                self.assertEqual(sum(count > 0 for count in workers), working, workers)


class Emulation(WeirTest):
    def test_of_paper50_sustains_its_rate_on_any_number_of_ranks(self):
        results = []
        for ranks in (4, 8):
            work = ["--stream", "iot", "--stream", "finance", "--rate", 1000, "--duration", 2,
                    "--emulate", "paper50", "--json"]
            result = self.assert_completed(run(ranks, *work))
            self.assertEqual(result["tasks"]["failed"], 0)
            self.assertIn("p99", result["lateness_ms"])
            self.assertIsInstance(result["void"], bool)
            self.assertTrue(all(node["workers"] >= 24 for node in result["nodes"]))
            results.append(result)
        # The first 4 nodes have 24 cores of speed 0.9, the next 4 have 32 of speed 1.
        capacities = [result["bounds"]["capacity_per_s"] for result in results]
        self.assertAlmostEqual(capacities[0], 4 * 24 * 0.9 / 0.114286, delta=1)
        self.assertAlmostEqual(capacities[1], (4 * 24 * 0.9 + 4 * 32) / 0.114286, delta=1)
        self.assertIsNone(results[0]["bounds"]["mean_floor_ms"])
        self.assertGreater(results[1]["bounds"]["mean_floor_ms"], 114)
        self.assertEqual(results[0]["digest"], results[1]["digest"])
        self.assertEqual(results[0]["tasks"]["submitted"], results[1]["tasks"]["submitted"])

    def test_takes_its_load_from_the_capacity_of_the_nodes(self):
        for ranks, work_scale, rate in ((1, 1, 100), (3, 1, 300), (1, 0.25, 400)):
            result = self.assert_completed(
                run(ranks, "--stream", "iot", "--load", 0.5, "--duration", 1, "--emulate",
                    EVEN_NODES, "--work-scale", work_scale, "--json"))
            self.assertAlmostEqual(result["offered_per_s"], rate, delta=rate / 10)

    def test_is_not_needed_for_a_load(self):
        result = self.assert_completed(
            run(2, "--stream", "social", "--load", 0.2, "--duration", "300ms", "--json"))
        self.assertGreater(result["offered_per_s"], 0)


class Subcommands(WeirTest):
    def test_answer_without_mpirun(self):
        for arguments, word in [(["policies"], "shortest_expected_delay"), (["--version"], "weir "),
                                (["--help"], "usage: weir"), (["help"], "usage: weir"),
                                (["run", "--help"], "--stream"), (["launch", "--help"], "--hosts"),
                                (["topology"], "core"), (["streams"], "finance"),
                                (["streams", "--stream", "iot", "--rate", "50"], "dispersion")]:
            with self.subTest(arguments=arguments):
                outcome = weir(*arguments)
                self.assertEqual((outcome.code, outcome.stderr), (0, ""), outcome.stdout)
                self.assertIn(word, outcome.stdout)
        self.assertIn("cores", json.loads(weir("topology", "--json").stdout))

    def test_that_do_not_exist_are_refused(self):
        self.assert_refused(weir("nonsense"), "nonsense", "policies")
        self.assert_refused(weir(), "no subcommand")
        self.assert_refused(weir("policies", "all"), "all")

    def test_policies_show_parameters_with_their_standard_value_and_range(self):
        self.assertRegex(weir("policies").stdout, r"\n  d=2  \(2 to 16, whole\) +nodes drawn")

    def test_run_takes_parameters_of_the_policy(self):
        result = self.assert_completed(
            weir("run", "--stream", "iot", "--duration", "200ms", "--json",
                 "--policy", "power_of_two:d=3,own_weight=0.5+work_stealing"))
        self.assertEqual(result["policy"], "power_of_two:d=3,own_weight=0.5+work_stealing")
        self.assert_refused(weir("run", "--stream", "iot", "--policy", "power_of_two:d=17"),
                            "a whole number from 2 to 16", "power_of_two:d=2")

    def test_run_works_without_mpirun(self):
        result = self.assert_completed(
            weir("run", "--stream", "iot", "--duration", "200ms", "--json"))
        self.assertEqual(result["ranks"], 1)


if __name__ == "__main__":
    main(at_once=3)
