// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev The cheat codes used here, at the address where Hardhat's test runner answers them.
interface Vm {
    function warp(uint256 timestamp) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function expectRevert(bytes calldata message) external;
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data, address emitter) external;
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data) external;
    function getCode(string calldata artifact) external view returns (bytes memory creationCode);
    function store(address target, bytes32 slot, bytes32 value) external;
    function etch(address target, bytes calldata code) external;
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool success);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function addr(uint256 key) external pure returns (address);
    function mockCallRevert(address callee, bytes calldata data, bytes calldata revertData) external;
    function assume(bool condition) external pure;
    function record() external;
    function accesses(address target) external returns (bytes32[] memory read, bytes32[] memory written);
    function load(address target, bytes32 slot) external view returns (bytes32);
}

Vm constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
