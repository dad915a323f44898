// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes} from "../interfaces/IParameterTypes.sol";
import {WINDOWS_TOUCHED} from "./Units.sol";

/// @dev The limits of one risk class in one slot: a batch reads each class once.
type RiskClass is uint256;

using RiskClassLayout for RiskClass global;

/// @title The layout of a risk class.
/// @dev Bits, from the lowest: the lower bounds as a pair (13 of maintenance, 7 free, 14 of initial, 6 free); the upper
/// bounds as another 40; 12 gap; 13 bonus; 12 and 12 greatest loosening step by the hot key and by the quorum; 8 and 8
/// their budgets for one window; 12 greatest age of data in minutes; 1 probed; 1 defined.
library RiskClassLayout {
    function pack(IParameterTypes.Limits memory limits) internal pure returns (RiskClass) {
        uint256 word = uint256(limits.minMaintenanceBps) | uint256(limits.minInitialBps) << 20
            | uint256(limits.maxMaintenanceBps) << 40 | uint256(limits.maxInitialBps) << 60;
        word |= uint256(limits.minGapBps) << 80 | uint256(limits.liquidationBonusBps) << 92
            | uint256(limits.maxLooseningStepBps) << 105 | uint256(limits.quorumLooseningStepBps) << 117;
        word |= uint256(limits.looseningBudgetBpsPerDay / WINDOWS_TOUCHED) << 129
            | uint256(limits.quorumLooseningBudgetBpsPerDay / WINDOWS_TOUCHED) << 137
            | uint256(limits.maxAgeSeconds / 60) << 145 | (limits.probed ? 1 << 157 : 0) | 1 << 158;
        return RiskClass.wrap(word);
    }

    function unpack(RiskClass class) internal pure returns (IParameterTypes.Limits memory limits) {
        limits.minInitialBps = uint16(minInitial(class));
        limits.maxInitialBps = uint16(maxInitial(class));
        limits.minMaintenanceBps = uint16(minMaintenance(class));
        limits.maxMaintenanceBps = uint16(maxMaintenance(class));
        limits.minGapBps = uint16(minGap(class));
        limits.liquidationBonusBps = uint16(bonus(class));
        limits.maxLooseningStepBps = uint16(step(class, false));
        limits.quorumLooseningStepBps = uint16(step(class, true));
        limits.looseningBudgetBpsPerDay = uint16(budget(class, false) * WINDOWS_TOUCHED);
        limits.quorumLooseningBudgetBpsPerDay = uint16(budget(class, true) * WINDOWS_TOUCHED);
        limits.maxAgeSeconds = uint32(maxAge(class) * 60);
        limits.probed = probed(class);
    }

    function minInitial(RiskClass class) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(20, class), 0x3fff)
        }
    }

    function maxInitial(RiskClass class) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(60, class), 0x3fff)
        }
    }

    function minMaintenance(RiskClass class) internal pure returns (uint256 value) {
        assembly {
            value := and(class, 0x1fff)
        }
    }

    function maxMaintenance(RiskClass class) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(40, class), 0x1fff)
        }
    }

    function minGap(RiskClass class) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(80, class), 0xfff)
        }
    }

    function bonus(RiskClass class) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(92, class), 0x1fff)
        }
    }

    /// @notice Greatest loosening in one update, by the quorum or by the hot key.
    function step(RiskClass class, bool quorum) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(add(105, mul(12, quorum)), class), 0xfff)
        }
    }

    /// @notice Loosening of initial in one window, by the quorum or by the hot key.
    function budget(RiskClass class, bool quorum) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(add(129, mul(8, quorum)), class), 0xff)
        }
    }

    /// @notice In minutes.
    function maxAge(RiskClass class) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(145, class), 0xfff)
        }
    }

    function probed(RiskClass class) internal pure returns (bool value) {
        assembly {
            value := and(shr(157, class), 1)
        }
    }

    function defined(RiskClass class) internal pure returns (bool value) {
        assembly {
            value := and(shr(158, class), 1)
        }
    }
}
