// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes} from "../interfaces/IParameterTypes.sol";

/// @dev How a market behaves between writes, 62 bits. Four of them are in the bytecode of the contract.
type Profile is uint256;

using ProfileLayout for Profile global;

/// @title The layout of a profile.
/// @dev Bits, from the lowest: 12 tighten speed; 12 loosen speed (basis points a day); 12 ttl; 12 decay (minutes);
/// 14 stale cap (basis points).
library ProfileLayout {
    function pack(IParameterTypes.ProfileValues memory values) internal pure returns (Profile) {
        return Profile.wrap(
            uint256(values.tightenSpeedBpsPerDay) | uint256(values.loosenSpeedBpsPerDay) << 12
                | uint256(values.ttlSeconds / 60) << 24 | uint256(values.decaySeconds / 60) << 36
                | uint256(values.staleInitialCapBps) << 48
        );
    }

    function unpack(Profile profile) internal pure returns (IParameterTypes.ProfileValues memory values) {
        values.tightenSpeedBpsPerDay = uint16(tightenSpeed(profile));
        values.loosenSpeedBpsPerDay = uint16(loosenSpeed(profile));
        values.ttlSeconds = uint32(ttl(profile) * 60);
        values.decaySeconds = uint32(decay(profile) * 60);
        values.staleInitialCapBps = uint16(staleCap(profile));
    }

    function tightenSpeed(Profile profile) internal pure returns (uint256 value) {
        assembly {
            value := and(profile, 0xfff)
        }
    }

    function loosenSpeed(Profile profile) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(12, profile), 0xfff)
        }
    }

    /// @notice In minutes.
    function ttl(Profile profile) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(24, profile), 0xfff)
        }
    }

    /// @notice In minutes.
    function decay(Profile profile) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(36, profile), 0xfff)
        }
    }

    function staleCap(Profile profile) internal pure returns (uint256 value) {
        assembly {
            value := and(shr(48, profile), 0x3fff)
        }
    }
}
