// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {BatchWriter} from "./core/BatchWriter.sol";
import {ConsumerReads} from "./core/ConsumerReads.sol";
import {MarketBook} from "./core/MarketBook.sol";
import {IParametersCore} from "./interfaces/IParametersCore.sol";
import {DoorWord} from "./libraries/DoorWord.sol";
import {LimitsCheck} from "./libraries/LimitsCheck.sol";
import {Profile, ProfileLayout} from "./libraries/Profile.sol";
import {Sequencer, SequencerFeed} from "./libraries/Sequencer.sol";
import {ParametersModule} from "./ParametersModule.sol";

/// @title CollateralParameters
/// @notice See ICollateralParameters for what it promises, README.md for who may do what. Here: what consumers and keepers
/// call in every block; everything else is answered by ParametersModule, on this contract's storage.
contract CollateralParameters is ConsumerReads, BatchWriter {
    /// @inheritdoc IParametersCore
    address public immutable module;

    /// @param governance a timelock: lists, bounds, sets modes, grants roles
    /// @param keeper hot key that writes batches
    /// @param quorum door that checks k-of-n signatures, or zero
    /// @param guardian key that may only make markets safer
    /// @param profiles one to four; nobody can change them later
    /// @param sequencer uptime feed of a rollup's sequencer and the grace after an outage, or all zero; as final
    /// @param classes first risk classes
    /// @param markets first markets; the deployer never holds a role, so they cannot be listed by it later
    constructor(
        address governance,
        address keeper,
        address quorum,
        address guardian,
        ProfileValues[] memory profiles,
        SequencerValues memory sequencer,
        ClassListing[] memory classes,
        MarketListing[] memory markets
    ) MarketBook(_packProfiles(profiles), _packSequencer(sequencer)) {
        // Made here and nowhere else, so nobody chooses the code that runs on this storage.
        module = address(new ParametersModule(_profiles, _sequencer));
        _delegate(
            module,
            abi.encodeCall(
                ParametersModule.genesis, (governance, keeper, quorum, guardian, profiles, sequencer, classes, markets)
            )
        );
    }

    /// @inheritdoc IParametersCore
    function update(Batch calldata batch) external {
        DoorWord word = _door;
        if (!word.isLastKeeper(msg.sender)) _requireDoor(HOT_DOOR, keccak256("KEEPER_ROLE"));
        _applyBatch(batch, word, false);
    }

    /// @inheritdoc IParametersCore
    function updateByQuorum(Batch calldata batch) external {
        _requireDoor(QUORUM_DOOR, keccak256("QUORUM_ROLE"));
        _applyBatch(batch, _door, true);
    }

    /// @notice Everything else of ICollateralParameters, and IAccessControl.
    fallback() external {
        address module_ = module;
        assembly ("memory-safe") {
            let at := mload(64)
            calldatacopy(at, 0, calldatasize())
            let done := delegatecall(gas(), module_, at, calldatasize(), 0, 0)
            returndatacopy(at, 0, returndatasize())
            if done { return(at, returndatasize()) }
            revert(at, returndatasize())
        }
    }

    function _requireDoor(uint256 door, bytes32 role) private view {
        if (_doorsOf[msg.sender] & door != 0) return;
        revert IAccessControl.AccessControlUnauthorizedAccount(msg.sender, role);
    }

    function _delegate(address to, bytes memory data) private {
        assembly ("memory-safe") {
            if iszero(delegatecall(gas(), to, add(data, 32), mload(data), 0, 0)) {
                returndatacopy(mload(64), 0, returndatasize())
                revert(mload(64), returndatasize())
            }
        }
    }

    function _packSequencer(SequencerValues memory sequencer) private view returns (Sequencer) {
        LimitsCheck.requireSequencer(sequencer);
        return SequencerFeed.pack(sequencer.feed, sequencer.graceSeconds);
    }

    function _packProfiles(ProfileValues[] memory profiles) private pure returns (uint256 packed) {
        if (profiles.length == 0 || profiles.length > 4) revert BadLimits("profiles", profiles.length, 4);
        for (uint256 i; i < 4; ++i) {
            ProfileValues memory values = profiles[i < profiles.length ? i : 0];
            LimitsCheck.requireProfile(values);
            packed |= Profile.unwrap(ProfileLayout.pack(values)) << (i * 64);
        }
    }
}
