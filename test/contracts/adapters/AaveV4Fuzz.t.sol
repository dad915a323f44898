// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../../../contracts/interfaces/IHaircuts.sol";
import {AaveV4Test} from "./AaveV4Test.sol";

contract AaveV4FuzzTest is AaveV4Test {
    uint256 private constant USERS = 4;

    /// @dev How often each was seen: a walk in which one of them never happens shows nothing.
    struct Seen {
        uint256 tightened;
        uint256 loosened;
        uint256 closed;
        uint256 reopened;
        uint256 byOthers;
        uint256 held;
        uint256 steps;
        uint256 loans;
        uint256 dueAfterNotice;
    }

    uint256 private initial = 2_500;
    Seen private seen;
    uint256[USERS] private boundAt;
    mapping(uint32 key => uint256) private steppedAt;

    function test_fuzz_no_position_is_due_within_thirty_days_of_its_last_loan_and_then_by_steps(uint256 seed) public {
        walk(seed);
    }

    function test_the_walk_reaches_what_it_is_about() public {
        for (uint256 i; i < 6; ++i) walk(i);
        atLeast(seen.tightened, 50, "tightened");
        atLeast(seen.loosened, 40, "loosened");
        atLeast(seen.closed, 20, "closed");
        atLeast(seen.reopened, 15, "opened again");
        atLeast(seen.byOthers, 40, "changed by others");
        atLeast(seen.held, 60, "frozen, paused, halted or switched off");
        atLeast(seen.steps, 40, "old configurations lowered");
        atLeast(seen.loans, 30, "loans");
        atLeast(seen.dueAfterNotice, 4, "positions due, all after their notice");
    }

    function atLeast(uint256 count, uint256 least, string memory what) private pure {
        atMost(least, count, what);
    }

    function walk(uint256 seed) private {
        for (uint256 i; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            // From outside: so the memory of one step is free for the next.
            this.step(seed);
        }
    }

    /// @dev Anything may happen to haircuts, and Aave may act, between any two calls; who has borrowed may never borrow again.
    function step(uint256 seed) external {
        pass(bound(seed >> 8, 1 hours, 4 days));
        // Mostly calm, sometimes a jump: what was lent under the calm is above what maintenance lets stand.
        if (seed >> 40 & 7 == 0) initial = bound(seed >> 43, 1_000, 6_000);
        IHaircuts.Mode mode = IHaircuts.Mode(seed >> 32 & 15 < 14 ? 0 : (seed >> 32 & 15) - 13);
        uint256 maintenance = bound(seed >> 64, initial * 3 / 4, initial);
        uint256 asOf = clock - bound(seed >> 96, 0, 8 hours);
        set(mode == IHaircuts.Mode.NORMAL ? initial : 10_000, maintenance, asOf, mode);
        others(seed);
        syncs(asOf);
        borrows(seed);
        lowers(seed, asOf, mode);
        for (uint256 at; at < USERS; ++at) {
            if (!market.isLiquidatable(address(uint160(1 + at)))) continue;
            isTrue(clock >= boundAt[at] + 30 days, "thirty days");
            ++seen.dueAfterNotice;
            release(address(uint160(1 + at)));
        }
    }

    function others(uint256 seed) private {
        uint256 what = seed >> 200 & 15;
        market.setFlags(what == 4, what == 5);
        market.setSpoke(what != 6, what == 7);
        if (what == 0) add(bound(seed >> 208, 1, 9_000));
        // In place, and of the newest alone upwards: downwards everybody at its limit is due, by Aave's hand.
        if (what == 1 && factor(newest()) != 0) update(newest(), bound(seed >> 208, factor(newest()), 9_400));
        if (what == 2 && newest() > 0) {
            uint32 key = uint32(bound(seed >> 224, 0, newest() - 1));
            if (factor(key) != 0) update(key, bound(seed >> 208, factor(key), 9_400));
        }
        if (what < 3) ++seen.byOthers;
        if (what > 3 && what < 8) ++seen.held;
    }

    function isHeld() private view returns (bool frozen, bool stopped) {
        uint8 flags = market.getReserve(7).flags;
        bool off = !market.getSpokeConfig(3, market.spoke()).active || market.getSpokeConfig(3, market.spoke()).halted;
        return (flags & 2 != 0, flags & 1 != 0 || off);
    }

    function syncs(uint256 asOf) private {
        uint256 before = factor(newest());
        uint256 key = newest();
        bool changed = agent.sync(address(weth));
        isTrue(changed == (newest() != key), "a new configuration, or nothing");
        uint256 now_ = factor(newest());
        atMost(now_, 10_000 - parameters.haircuts(1).initialBps, "never above 1 - initial");
        (bool frozen, bool stopped) = isHeld();
        isTrue(now_ <= before || !frozen && !stopped && clock <= asOf + 6 hours, "loosened by fresh data, nothing held");
        if (now_ < before) ++seen.tightened;
        if (now_ > before) ++seen.loosened;
        if (now_ == 0 && before != 0) ++seen.closed;
        if (now_ != 0 && before == 0) ++seen.reopened;
    }

    function borrows(uint256 seed) private {
        if (seed >> 232 & 3 != 0) return;
        uint256 at = seed >> 240 & (USERS - 1);
        address user = address(uint160(1 + at));
        (bool frozen, bool stopped) = isHeld();
        if (!frozen && !stopped) market.supply(user, 1e18);
        (uint256 collateral, uint256 debt,) = market.positionOf(user);
        uint256 most = collateral * factor(newest()) / 10_000;
        if (most <= debt) return;
        market.borrow(user, most - debt);
        (boundAt[at], seen.loans) = (clock, seen.loans + 1);
    }

    function lowers(uint256 seed, uint256 asOf, IHaircuts.Mode mode) private {
        if (newest() == 0) return;
        // What somebody's loan is bound to, or any.
        (,, uint32 key) = market.positionOf(address(uint160(1 + (seed >> 120 & (USERS - 1)))));
        if (seed >> 127 & 1 == 0 || key == newest()) key = uint32(bound(seed >> 128, 0, newest() - 1));
        bool isListed = agent.lowerable(address(weth), key, key + 1).length == 1;
        uint256 before = factor(key);
        isTrue(agent.lower(address(weth), key) == isListed && (isListed || factor(key) == before), "the list says so");
        if (factor(key) == before) return;
        (, bool stopped) = isHeld();
        ++seen.steps;
        isTrue(factor(key) < before && before - factor(key) <= 25, "one step down at most");
        isTrue(factor(key) >= 10_000 - parameters.haircuts(1).maintenanceBps, "not below 1 - maintenance");
        isTrue(clock <= asOf + 6 hours && mode != IHaircuts.Mode.FROZEN && !stopped, "by fresh data, nothing stopped");
        isTrue(clock >= steppedAt[key] + 4 hours, "one step in four hours");
        steppedAt[key] = clock;
    }

    /// @dev Liquidated whole.
    function release(address user) private {
        (, uint256 debt,) = market.positionOf(user);
        market.repay(user, debt);
    }
}
