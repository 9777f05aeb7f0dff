"""What `agpc compile` says: a message for each cause, errors last, and how it ended."""

from __future__ import annotations

from pathlib import Path

from ..conftest import Run

RULES = "".join(
    f'forbid later{n} {{ deny till.open unless approval by "role:boss" because "No." }}\n'
    for n in range(20)
)


def test_rules_with_one_cause_are_one_message(run: Run, policy: Path) -> None:
    policy.write_text(policy.read_text() + RULES)
    done = run("compile", "shop.agp", "-t", "cedar", "-o", "out")
    assert done.status == 0
    assert done.err.count("forbids more on Cedar than the policy does, like 19 other rules") == 1
    assert done.err.count("[AGP5003]") == 1
    assert done.out.count("stricter   shop.later") == 20  # the ledger has them all


def test_a_target_without_its_binding_does_not_stop_the_others(run: Run, policy: Path) -> None:
    done = run("compile", "shop.agp", "-t", "vault,aws-iam,ir,cedar", "-o", "out")
    assert done.status == 3
    assert sorted(each.name for each in Path("out").iterdir()) == ["cedar", "ir", "manifest.json"]
    assert '"vault"' not in Path("out/manifest.json").read_text()
    assert done.err.endswith("without vault, aws-iam, which the policy does not bind\n")
    last = done.err.rindex("warning[")
    assert last < done.err.index("error[AGP5006]")
    assert 'bind vault {\n        resource till "secret/data/${id}" {' in done.err
    assert 'agent bot "arn:aws:iam::111122223333:role/NAME"' in done.err


def test_a_run_that_writes_nothing_says_so(run: Run, policy: Path) -> None:
    done = run("compile", "shop.agp", "-t", "vault", "-o", "out")
    assert (done.status, done.out) == (3, "")
    assert done.err.endswith("nothing was written: vault cannot be made\n")
    policy.write_text("package shop\nagent a = 1\n")
    done = run("compile", "shop.agp", "-t", "ir", "-o", "out")
    assert done.status == 3
    assert done.err.endswith("nothing was written: the policy does not compile\n")
    assert not Path("out").exists()


def test_the_block_to_start_from_is_one_that_compiles(run: Run, policy: Path) -> None:
    for target in ("vault", "aws-iam"):
        done = run("compile", "shop.agp", "-t", target, "-o", "out")
        shown = done.err[done.err.index("    bind ") :].partition("\n  = docs")[0]
        other = policy.with_name(f"{target}.agp")
        other.write_text(policy.read_text() + shown)
        assert run("compile", other, "-t", target, "-o", f"out-{target}").status == 0
