// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {min} from "../libraries/Units.sol";
import {Follow} from "./Follow.sol";
import {R} from "./Reasons.sol";
import {atLeast, C, E, get, looser, M, N, refuse, tighter} from "./Words.sol";

/// @title What a writer may not write.
/// @notice Pure: what is stored, the limits and the entry in; the first broken rule out (R in Reasons.sol). Rules that hold a
/// value back from loosening never stop a tightening.
library Judge {
    /// @notice Whether the entry was made for this market as it is now, and of data young enough.
    function data(uint256 market, uint256 class, uint256 entry, uint256 minute)
        internal pure returns (uint256 refusal) {
        unchecked {
            uint256 asOf = get(entry, E.AS_OF);
            uint256 generation = get(market, M.GENERATION);
            if (generation == 0) {
                refusal = refuse(R.UNKNOWN_MARKET, get(entry, E.ID), 0);
            } else if (get(entry, E.GENERATION) != generation) {
                refusal = refuse(R.WRONG_GENERATION, get(entry, E.GENERATION), generation);
            } else if (minute - asOf > get(class, C.MAX_AGE)) {
                if (asOf > minute) refusal = refuse(R.ASOF_IN_FUTURE, asOf, minute);
                else refusal = refuse(R.ASOF_TOO_OLD, asOf, minute - get(class, C.MAX_AGE));
            }
        }
    }

    /// @notice Bounds and gap of the values themselves; also for a new market and for an override.
    /// @dev The loose bounds are strict: tightening is instant, so nothing keeps a value from reaching them. The tight ones yield
    /// to what is stored: else a bound that governance has just moved would lock the market for the many steps it takes to
    /// loosen down to it.
    function values(uint256 market, uint256 maintenance, uint256 class, uint256 entry)
        internal pure returns (uint256 refusal) {
        unchecked {
            uint256 loosest = class & N.HAIRCUTS | get(market, M.LOOSEST_LIMIT) << 29;
            uint256 tightest = class >> C.UPPER & N.HAIRCUTS | get(market, M.TIGHTEST_LIMIT) << 29;
            uint256 least = get(entry, N.TARGET);
            if (least < maintenance) least = maintenance;
            least += get(class, C.GAP);
            if (atLeast(entry, loosest) != N.GUARDS) {
                refusal = refuse(R.TOO_LOOSE, entry & N.ALL, loosest);
            } else if (
                atLeast(tightest, entry) != N.GUARDS && atLeast(tightest, entry) | atLeast(market, entry) != N.GUARDS
            ) {
                refusal = refuse(R.TOO_TIGHT, entry & N.ALL, tightest);
            } else if (get(entry, N.INITIAL) < least) {
                refusal = refuse(R.GAP_TOO_SMALL, get(entry, N.INITIAL), least);
            }
        }
    }

    /// @notice The entry with each number that is looser than what is stored as stored, and none past its tight bound but where what
    /// is stored is.
    /// @dev Entry, bounds and market keep the gap each for itself, so the looser and the tighter of two of them do.
    function tightened(uint256 market, uint256 class, uint256 entry) internal pure returns (uint256) {
        unchecked {
            uint256 tightest = class >> C.UPPER & N.HAIRCUTS | get(market, M.TIGHTEST_LIMIT) << 29;
            return tighter(looser(entry, tightest), market);
        }
    }

    /// @notice Whether one of the three numbers loosens. What loosens none waits for nothing: its data may be older than what is
    /// stored, governance may hold the values, budgets may be spent.
    function loosens(uint256 market, uint256 entry) internal pure returns (bool) {
        return atLeast(entry, market) != N.GUARDS;
    }

    /// @notice Order, hold, steps and budgets of what loosens.
    /// @param market with the budgets of another window cleared
    /// @param class shifted by C.QUORUM for the quorum
    /// @param tightenOnly the writer has tripped, or loosening is stopped in the class
    function loosening(
        uint256 market,
        uint256 maintenance,
        uint256 class,
        uint256 entry,
        uint256 minute,
        bool tightenOnly
    ) internal pure returns (uint256 refusal) {
        unchecked {
            uint256 stored = Follow.asOf(market);
            uint256 held = get(market, M.HELD_UNTIL) * 60;
            uint256 loosest = _loosest(market, maintenance, class);
            if (get(entry, E.AS_OF) <= stored) {
                refusal = refuse(R.ASOF_NOT_INCREASING, get(entry, E.AS_OF), stored + 1);
            } else if (minute < held) {
                refusal = refuse(R.HELD, minute, held);
            } else if (tightenOnly) {
                refusal = refuse(R.TIGHTEN_ONLY, get(market, M.CLASS), 0);
            } else if (atLeast(entry, loosest) != N.GUARDS) {
                refusal = refuse(R.STEP_TOO_LARGE, entry & N.ALL, loosest);
            }
        }
    }

    /// @dev The loosest three numbers that a step and what is left of the budgets reach.
    /// A target above effective maintenance is a tightening still under way; taking it back has moved nothing yet, so
    /// loosening of the target counts from the lower of the two.
    function _loosest(uint256 market, uint256 maintenance, uint256 class) private pure returns (uint256 numbers) {
        unchecked {
            uint256 target = get(market, M.TARGET);
            numbers = minus(target < maintenance ? target : maintenance, get(class, C.STEP));
            uint256 left = minus(get(class, C.BUDGET), get(market, M.SPENT));
            numbers |= minus(get(market, M.INITIAL), min(left, get(class, C.STEP))) << 14;
            (uint256 limit, uint256 raised) = (get(market, M.LIMIT), get(market, M.RAISED));
            // Below 1024 tokens a notch is a whole token: there step and budget are as many parts in 1024 of what the limit was
            // at the start of the window.
            uint256 base = min(minus(0xffff - limit, raised), 1_024);
            left = minus(_part(get(class, C.RAISE_BUDGET), base), raised);
            numbers |= minus(limit, min(left, _part(get(class, C.RAISE_STEP), base))) << 29;
        }
    }

    /// @dev So many 1024th parts of `base`, rounded up.
    function _part(uint256 notches, uint256 base) private pure returns (uint256) {
        unchecked { return notches * base + 1_023 >> 10; }
    }

    /// @notice a - b, or 0.
    function minus(uint256 a, uint256 b) internal pure returns (uint256 rest) {
        unchecked { if (a > b) rest = a - b; }
    }
}
