// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IParametersCore} from "./IParametersCore.sol";
import {IParametersModule} from "./IParametersModule.sol";

/// @title Two-sided collateral haircuts, read by lending, options and perpetual protocols.
/// @notice Every market has an *initial* haircut (1 - LTV, for new borrowing and withdrawing) and a *maintenance*
/// haircut (1 - liquidation threshold, for liquidating). Tightening (raising a haircut) reaches new risk in the same
/// block; it reaches open positions only through maintenance, which follows its target at a limited speed. A dead
/// keeper tightens the initial haircut and leaves maintenance where it is.
/// @notice All haircuts are basis points, 10000 = 100 %. Everything moves on the whole minute (Units.sol).
///
/// @dev Assumptions on others.
/// *Safety*: governance (a timelock) sets honest limits; the block timestamp does not run ahead of real time by more
/// than minutes. The keeper is *not* trusted: whatever it sends, the limits below hold.
/// *Liveness*: a keeper that stops writing closes markets to new risk (initial rises to its cap after the ttl) and
/// leaves open positions alone.
/// @dev The whole of it: what CollateralParameters answers itself and what its module answers in its name. Roles are
/// OpenZeppelin's IAccessControl, at the same address.
interface ICollateralParameters is IParametersCore, IParametersModule {}
