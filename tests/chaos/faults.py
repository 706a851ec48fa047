"""The faults, and the order in which a seed places them."""
import dataclasses
import random
import signal

FOREVER = "STOP for ever"
PAUSE = "STOP, CONT"
DEATHS = {"KILL": signal.SIGKILL, "SEGV": signal.SIGSEGV, "ABRT": signal.SIGABRT}
STOPS = {"TERM": signal.SIGTERM, "INT": signal.SIGINT, "USR1": signal.SIGUSR1}
KINDS = (*DEATHS, *STOPS, PAUSE, FOREVER)
SIGNALS = {**DEATHS, **STOPS, PAUSE: signal.SIGSTOP, FOREVER: signal.SIGSTOP}
ROLES = ("launcher", "mpirun", "coordinator", "leader", "follower")


@dataclasses.dataclass
class Fault:
    number: int
    kind: str
    role: str
    choice: float  # in [0, 1): which of the processes in this role
    delay_s: float  # from when work is under way
    pause_s: float  # between STOP and CONT
    attempts: int = 0  # that had begun when it was placed
    trials: int = 0  # that were done then


def pairs(team_size):
    roles = [role for role in ROLES if role != "follower" or team_size > 1]
    watched = [role for role in roles if role not in ("launcher", "mpirun")]
    return [(kind, role) for kind in KINDS for role in (watched if kind == FOREVER else roles)]


def rounds(seed, team_size, count):
    """Lists of faults, each for one study, `count` in all: every kind in every role as often as
    any other, in an order and at times that follow from the seed."""
    dice = random.Random(f"{seed} {team_size}")
    deck, plan, number = [], [], 0
    while number < count:
        plan.append([])
        for _ in range(min(dice.randint(2, 8), count - number)):
            if not deck:
                deck = pairs(team_size)
                dice.shuffle(deck)
            number += 1
            kind, role = deck.pop()
            plan[-1].append(Fault(number, kind, role, dice.random(), dice.uniform(0, 1),
                                  dice.uniform(0.02, 0.5)))
    return plan


def codes(fault):
    """The exit codes of `surd run` that a fault may lead to; 0 always, where it came at the very
    end."""
    if fault.kind == PAUSE:
        return {0}
    if fault.role == "launcher" and fault.kind in DEATHS:
        return {0, -DEATHS[fault.kind]}
    if fault.kind in DEATHS and fault.role == "coordinator":
        return {0, 1}
    if fault.kind in DEATHS or fault.kind == FOREVER:
        # mpirun ends the coordinator by TERM, and wakes it for that: where nothing was missing, it
        # stops in order.
        return {0, 1, 3}
    if fault.role == "mpirun" and fault.kind != "USR1":
        return {0, 1, 3}  # Open MPI gives its ranks a second
    return {0, 3}
