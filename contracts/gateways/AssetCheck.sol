// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ProbeVault} from "./ProbeVault.sol";

/// @title Whether a token keeps what lending protocols take for granted, tried with a real deposit.
/// @notice Two steps, open to anyone who lends a little of the token: `startProbe`, and after HOLD `finishProbe`,
/// which returns the deposit. Refused: accounts without code, tokens without decimals or with absurd ones, tokens that
/// take a fee on the way in or out, and tokens whose balances move by themselves.
/// @dev Assumptions. A token that recognises the probe, or changes later, passes: governance lists, this only catches
/// its mistakes, which is why a pass lapses. Dust sent to a vault fails that probe and no other. Who tops up the vault
/// of a token that rebases down can make it pass: before listing, look at who probed.
abstract contract AssetCheck is ReentrancyGuard {
    using SafeERC20 for IERC20;

    struct Probe {
        address asset;
        address depositor;
        ProbeVault vault;
        uint40 startedAt;
        uint256 amount;
    }

    /// @notice What a probe needs to wait: rebasing tokens move once a day.
    uint256 public constant HOLD = 25 hours;
    /// @notice For how long an asset counts as passed.
    uint256 public constant PASS_HOLDS = 30 days;
    uint256 public constant MAX_DECIMALS = 24;
    /// @notice Least deposit, in the token's smallest unit: of less, a fee or a day's rebase would round to nothing.
    uint256 public constant MIN_DEPOSIT = 1e6;

    uint256 public probeCount;
    mapping(uint256 probeId => Probe) public probes;
    /// @notice When an asset last passed, 0: never.
    mapping(address asset => uint256) public passedAt;

    event ProbeStarted(uint256 indexed probeId, address indexed asset, address indexed depositor, uint256 amount);
    event ProbePassed(uint256 indexed probeId, address indexed asset, address indexed depositor);
    event ProbeWithdrawn(uint256 indexed probeId, address indexed asset, uint256 amount);

    error NotAContract(address asset);
    error NoDecimals(address asset);
    error BadDecimals(address asset, uint256 given, uint256 allowed);
    error DepositTooSmall(address asset, uint256 given, uint256 allowed);
    /// @dev What arrived is not what was sent.
    error FeeOnTransfer(address asset, uint256 arrived, uint256 sent);
    /// @dev A deposit that nobody touched is not what it was.
    error Rebasing(address asset, uint256 balance, uint256 deposited);
    error TooEarly(uint256 probeId, uint256 now_, uint256 earliest);
    error UnknownProbe(uint256 probeId);
    error NotDepositor(uint256 probeId, address given, address allowed);
    error NotPassed(address asset);
    error PassLapsed(address asset, uint256 now_, uint256 until);

    /// @notice Takes `amount` of the token, allowed to this contract before, and starts a probe.
    function startProbe(address asset, uint256 amount) external nonReentrant returns (uint256 probeId) {
        _requireToken(asset);
        // A fee of one percent of 99 units is none.
        if (amount < MIN_DEPOSIT) revert DepositTooSmall(asset, amount, MIN_DEPOSIT);

        ProbeVault vault = new ProbeVault();
        uint256 before = IERC20(asset).balanceOf(address(vault));
        IERC20(asset).safeTransferFrom(msg.sender, address(vault), amount);
        uint256 balance = IERC20(asset).balanceOf(address(vault));
        if (balance < before || balance - before != amount) {
            revert FeeOnTransfer(asset, balance < before ? 0 : balance - before, amount);
        }

        probeId = ++probeCount;
        probes[probeId] = Probe(asset, msg.sender, vault, uint40(block.timestamp), balance);
        emit ProbeStarted(probeId, asset, msg.sender, amount);
    }

    /// @notice Ends a probe: if the deposit is what it was, the asset has passed and the depositor has it back. Anyone.
    function finishProbe(uint256 probeId) external nonReentrant {
        Probe memory probe = _probe(probeId);
        uint256 earliest = probe.startedAt + HOLD;
        if (block.timestamp < earliest) revert TooEarly(probeId, block.timestamp, earliest);
        IERC20 token = IERC20(probe.asset);
        uint256 balance = token.balanceOf(address(probe.vault));
        if (balance != probe.amount) revert Rebasing(probe.asset, balance, probe.amount);

        delete probes[probeId];
        uint256 before = token.balanceOf(probe.depositor);
        probe.vault.release(token, probe.depositor, balance);
        uint256 later = token.balanceOf(probe.depositor);
        // A token may take its fee on the way out only.
        if (later < before || later - before != balance) {
            revert FeeOnTransfer(probe.asset, later < before ? 0 : later - before, balance);
        }
        passedAt[probe.asset] = block.timestamp;
        emit ProbePassed(probeId, probe.asset, probe.depositor);
    }

    /// @notice Gives the depositor back what is left, at any time; the probe ends and proves nothing.
    function withdrawProbe(uint256 probeId) external nonReentrant {
        Probe memory probe = _probe(probeId);
        // Somebody else ending it a minute before it is done.
        if (msg.sender != probe.depositor) revert NotDepositor(probeId, msg.sender, probe.depositor);
        delete probes[probeId];
        uint256 balance = IERC20(probe.asset).balanceOf(address(probe.vault));
        probe.vault.release(IERC20(probe.asset), probe.depositor, balance);
        emit ProbeWithdrawn(probeId, probe.asset, balance);
    }

    function _requirePassed(address asset) internal view {
        uint256 passed = passedAt[asset];
        if (passed == 0) revert NotPassed(asset);
        // What it was before an upgrade says little.
        if (block.timestamp > passed + PASS_HOLDS) revert PassLapsed(asset, block.timestamp, passed + PASS_HOLDS);
    }

    function _requireToken(address asset) private view {
        // A mistyped address, or a token on another chain.
        if (asset.code.length == 0) revert NotAContract(asset);
        (bool ok, uint8 decimals) = SafeERC20.tryGetDecimals(IERC20(asset));
        if (!ok) revert NoDecimals(asset);
        // Products of price and amount that overflow in the protocols that read us.
        if (decimals > MAX_DECIMALS) revert BadDecimals(asset, decimals, MAX_DECIMALS);
    }

    function _probe(uint256 probeId) private view returns (Probe memory probe) {
        probe = probes[probeId];
        if (probe.depositor == address(0)) revert UnknownProbe(probeId);
    }
}
