// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {max, min, WINDOW_MINUTES} from "../libraries/Units.sol";
import {get, M, put} from "./Words.sol";

/// @title Where time alone carries a market.
/// @notice Maintenance follows its target at a limited speed, in whole basis points and without losing any. There is no ramp
/// with a start and an end that could be restarted: the only state is where it stood and when.
/// @dev A speed of s in 30 days is a clock that ticks floor(s * minute / 43200) times, the same for everybody. Between two
/// minutes maintenance may move by the ticks between them: settling in the middle changes nothing, to the last bit, and
/// in 30 days there are never more than s ticks.
library Follow {
    /// @dev Minutes in 30 days.
    uint256 internal constant PERIOD = 43_200;
    /// @dev What UNCHANGED and AGE hold.
    uint256 private constant LONGEST = 4_095;

    /// @notice Maintenance at the minute up to which it moves (`until`), not before SETTLED. FROZEN, until it lapses, stops its fall.
    function maintenance(uint256 market, uint256 to) internal pure returns (uint256 value) {
        unchecked {
            value = get(market, M.MAINTENANCE);
            uint256 target = get(market, M.TARGET);
            uint256 from = get(market, M.SETTLED);
            if (target > value) {
                value += _ticks(get(market, M.TIGHTEN_SPEED), from, to);
                if (value > target) value = target;
            } else if (target < value) {
                if (get(market, M.MODE) == 2) from = min(to, max(from, get(market, M.MODE_UNTIL) * 60));
                uint256 fall = _ticks(get(market, M.LOOSEN_SPEED), from, to);
                value = value > target + fall ? value - fall : target;
            }
        }
    }

    /// @notice The minute up to which the market moves by `minute`: silence stops it.
    function until(uint256 market, uint256 minute) internal pure returns (uint256 to) {
        unchecked {
            to = get(market, M.SETTLED) - get(market, M.AGE) + get(market, M.TTL) * 60;
            if (to < minute) to = max(get(market, M.SETTLED), min(minute, newest(market) + get(market, M.TTL) * 60));
            else to = minute;
        }
    }

    /// @notice The minute of the oldest datum.
    function asOf(uint256 market) internal pure returns (uint256) {
        unchecked { return get(market, M.SETTLED) - get(market, M.AGE); }
    }

    /// @notice The minute from which the data ages: that of the oldest datum, or ahead of the clock while governance holds the
    /// values. With the ttl added, the last minute in which it counts as fresh.
    function newest(uint256 market) internal pure returns (uint256) {
        unchecked { return max(asOf(market), get(market, M.HELD_UNTIL) * 60); }
    }

    /// @notice Whether the data is older than the ttl at `minute`.
    function isStale(uint256 market, uint256 minute) internal pure returns (bool) {
        unchecked { return minute > newest(market) + get(market, M.TTL) * 60; }
    }

    /// @notice The mode in force at `minute`; 0 is NORMAL.
    function mode(uint256 market, uint256 minute) internal pure returns (uint256 current) {
        unchecked {
            current = get(market, M.MODE);
            if (current != 0 && minute / 60 >= get(market, M.MODE_UNTIL)) current = 0;
        }
    }

    /// @notice Minutes since the three numbers last changed, at a minute not before SETTLED.
    function unchanged(uint256 market, uint256 minute) internal pure returns (uint256) {
        unchecked { return min(get(market, M.UNCHANGED) + minute - get(market, M.SETTLED), LONGEST); }
    }

    /// @notice Whether the budgets of the market are of the window in which `minute` is, a minute not before SETTLED.
    function inWindow(uint256 market, uint256 minute) internal pure returns (bool) {
        unchecked { return minute - get(market, M.SETTLED) <= minute % WINDOW_MINUTES; }
    }

    /// @notice The market with maintenance, its clock, the budgets and the age of the data brought to `minute`.
    /// @dev Not past the minute at which silence stopped it.
    function settled(uint256 market, uint256 minute) internal pure returns (uint256 next) {
        unchecked {
            uint256 to = until(market, minute);
            next = put(market, M.MAINTENANCE, maintenance(market, to));
            // Under an override it may be older than the field can say.
            next = put(put(next, M.SETTLED, to), M.AGE, min(to - asOf(market), LONGEST));
            next = put(next, M.UNCHANGED, unchanged(market, to));
            if (!inWindow(market, to)) next = put(put(next, M.SPENT, 0), M.RAISED, 0);
        }
    }

    function _ticks(uint256 speed, uint256 from, uint256 to) private pure returns (uint256) {
        unchecked { return speed * to / PERIOD - speed * from / PERIOD; }
    }
}
