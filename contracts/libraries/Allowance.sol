// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {RiskClass} from "./RiskClass.sol";

/// @dev What one write may do to a group, whatever it writes, in one word.
type Allowance is uint256;

using AllowanceLayout for Allowance global;

/// @title The layout of an allowance.
/// @dev Bits, from the lowest: 159 the risk class, 1 free; 13 and 13 ticks of maintenance upwards and downwards since the
/// group was settled; 14 greatest loosening of initial on this path; 8 budget of a window; the rest is now, in minutes.
library AllowanceLayout {
    function pack(RiskClass class_, uint256 step_, uint256 budget_, uint256 up_, uint256 down_, uint256 minute_)
        internal
        pure
        returns (Allowance allowance)
    {
        assembly {
            let ticks := or(shl(160, up_), shl(173, down_))
            allowance := or(or(class_, ticks), or(or(shl(186, step_), shl(200, budget_)), shl(208, minute_)))
        }
    }

    function class(Allowance allowance) internal pure returns (RiskClass value) {
        assembly {
            value := and(allowance, 0x7fffffffffffffffffffffffffffffffffffffff)
        }
    }

    function up(Allowance allowance) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(160, allowance), 0x1fff)
        }
    }

    function down(Allowance allowance) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(173, allowance), 0x1fff)
        }
    }

    function step(Allowance allowance) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(186, allowance), 0x3fff)
        }
    }

    function budget(Allowance allowance) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(200, allowance), 0xff)
        }
    }

    function minute(Allowance allowance) internal pure returns (uint256 value) {
        assembly {
            value := shr(208, allowance)
        }
    }
}
