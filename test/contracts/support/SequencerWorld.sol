// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParameterTypes as Types} from "../../../contracts/interfaces/IParameterTypes.sol";
import {MockSequencerFeed} from "../../mocks/MockSequencerFeed.sol";
import {ParametersTest} from "./ParametersWorld.sol";

/// @dev The calm world on a rollup whose sequencer has always been up, with speeds of one tick a minute up and one every
/// second minute down.
abstract contract SequencerTest is ParametersTest {
    uint256 internal constant GRACE = 10 minutes;

    MockSequencerFeed internal feed;
    /// @dev What the next contract is deployed with.
    Types.SequencerValues internal planned;

    function sequencerValues() internal override returns (Types.SequencerValues memory) {
        if (address(feed) == address(0)) {
            feed = new MockSequencerFeed();
            planned = Types.SequencerValues(address(feed), uint32(GRACE));
        }
        return planned;
    }

    function calmProfiles() internal pure override returns (Types.ProfileValues[] memory profiles) {
        profiles = new Types.ProfileValues[](2);
        profiles[0] = Types.ProfileValues(1_440, 720, 6 hours, 1 days, 10_000);
        profiles[1] = Types.ProfileValues(300, 100, 2 hours, 12 hours, 9_500);
    }

    /// @dev Markets 1 and 6 on their way up.
    function rising() internal {
        send(bytes.concat(entry(change(1, 9_000, 8_000)), entry(change(6, 9_000, 8_000))));
    }

    /// @dev Deploys a contract with `planned`. External, so that its refusal can be expected.
    function anew() public {
        deploy(
            GOVERNANCE, KEEPER, QUORUM, GUARDIAN, calmProfiles(), calmClasses(), new Types.MarketListing[](0)
        );
    }
}
