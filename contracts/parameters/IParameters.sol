// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHaircuts} from "../interfaces/IHaircuts.sol";

/// @title Three numbers for every collateral market, read by lending, options and perpetual protocols.
/// @notice *Initial haircut* (1 - LTV): new borrowing and withdrawing. *Maintenance haircut* (1 - liquidation threshold):
/// liquidating. *Exposure limit*: the most collateral, in whole tokens, that a lender should hold in this market.
/// @notice At an unmoved price nothing that a writer sends makes a position liquidatable within 30 days of its opening, if
/// it was opened within the limits of its day. Only governance can be faster, by moving the market to a class whose gap is
/// wider or widening that of its class, and only as fast as the class then allows.
///
/// @dev Trusted for safety: governance (a timelock), and the block timestamp to within minutes. Trusted for liveness: a writer;
/// without one markets close to new risk, and open positions are left alone.
/// @dev Haircuts are basis points, 10000 = 100 %. Minutes and hours are counted from 2015-01-01T00:00:00Z (Units.sol) and
/// end in 2074.
interface IParameters is IHaircuts {
    /// @notice What an account may do, and nothing else: no account has two powers.
    enum Power {
        NONE,
        /// @dev a writer: a key that sends batches within the hot-key limits
        HOT,
        /// @dev a writer: a gateway that checks k of n signatures, within the quorum's limits
        QUORUM,
        /// @dev makes any market safer for a time, suspends hot keys
        GUARDIAN,
        /// @dev closes a market to new risk for a short time, on proof (see Challenge)
        CHALLENGER,
        /// @dev lists markets (see ListingGate)
        LISTER
    }

    /// @notice Everything governance fixes for one risk class.
    struct Limits {
        uint256 minInitialBps;
        uint256 maxInitialBps;
        /// @dev a liquidation at it leaves collateral behind: (1 - minMaintenance)(1 + bonus) < 1
        uint256 minMaintenanceBps;
        /// @dev at most 8191
        uint256 maxMaintenanceBps;
        /// @dev least distance initial - maintenance, 1 to 4095
        uint256 minGapBps;
        uint256 liquidationBonusBps;
        /// @dev how far maintenance may rise in 30 days: at most minGapBps, which is the thirty days' notice
        uint256 tightenSpeedBpsPer30Days;
        /// @dev how far it may fall in 30 days
        uint256 loosenSpeedBpsPer30Days;
        /// @dev age of the data from which staleness starts, 1 to 63
        uint256 ttlHours;
        /// @dev time for initial to rise from its value to its cap once stale, 1 to 63
        uint256 decayHours;
        uint256 staleInitialCapBps;
        /// @dev oldest asOf accepted, at most the ttl
        uint256 maxAgeMinutes;
        /// @dev greatest loosening (of initial, or of the maintenance target) in one update
        uint256 hotStepBps;
        uint256 quorumStepBps;
        /// @dev loosening of initial in one window of eight hours; any 24 h touch at most four windows
        uint256 hotBudgetBps;
        uint256 quorumBudgetBps;
        /// @dev greatest raise of the exposure limit in one update, in notches: 1024 double it, and one is at most 0.1 %; of a limit
        /// below 1024 tokens as many 1024ths of what it was at the start of the window, rounded up to a token. So the budgets
        uint256 hotRaiseStep;
        uint256 quorumRaiseStep;
        /// @dev raises of the exposure limit in one window, added up
        uint256 hotRaiseBudget;
        uint256 quorumRaiseBudget;
    }

    struct ClassListing {
        uint8 classId;
        Limits limits;
    }

    /// @notice What is said about a new market. `debt` is a token, or address(840) for USD (ERC-7726).
    struct MarketListing {
        address collateral;
        address debt;
        uint8 classId;
        uint16 initialBps;
        uint16 maintenanceBps;
        /// @dev compact floats (Words.sol), as everywhere a limit is written
        uint16 limit;
        uint16 lowestLimit;
        uint16 highestLimit;
    }

    /// @notice A key or gateway and what it may do; the budgets are a writer's.
    struct AccountSetting {
        address account;
        Power power;
        /// @dev loosening of initial in one window, summed over markets; more is refused. 0: it loosens nothing
        uint24 aggregateBps;
        /// @dev loosening *asked for* in one window, applied, or refused of numbers that had stood for ten minutes by a batch of
        /// which anything applies, past which the writer only tightens until governance sets it anew. 0: never. Finds a writer that
        /// has gone wrong; a thief is bounded by the budgets
        uint24 tripBps;
    }

    /// @notice What governance fixes for one market.
    struct MarketSetting {
        uint8 classId;
        /// @dev bounds of the exposure limit, compact floats
        uint16 lowestLimit;
        uint16 highestLimit;
        /// @dev asked before initial loosens; zero: none
        address probe;
    }

    /// @notice Values governance sets by hand.
    struct ManualOverride {
        uint16 marketId;
        uint16 initialBps;
        uint16 maintenanceTargetBps;
        uint16 limit;
        /// @dev until the end of that hour writers can only tighten, and the values do not go stale; 0: only set them
        uint40 until;
    }

    event MarketListed(
        uint16 indexed marketId, address indexed collateral, address indexed debt, MarketListing listing, uint40 asOf
    );
    event MarketDelisted(uint16 indexed marketId);
    event MarketChanged(uint16 indexed marketId, MarketSetting setting, uint8 generation);
    /// @notice New limits of a class, in full.
    event ClassChanged(uint8 indexed classId, Limits limits);
    event ClassHeld(uint8 indexed classId, uint40 until);
    event AccountChanged(address indexed account, AccountSetting setting);
    event WriterHalted(address indexed account, uint40 until);
    /// @notice It asked for more loosening than any honest writer would: until governance sets it anew it only tightens.
    event WriterTripped(address indexed account, uint64 indexed sequence, uint256 askedBps, uint256 allowedBps);
    /// @notice A batch was applied; `entries` are its markets as submitted. A `MarketSkipped` of the same transaction names
    /// each that was not, with a reason of R in Reasons.sol, the value given and the nearest allowed.
    event BatchApplied(uint256 indexed head, address writer, bytes32 evidence, bytes entries);
    event MarketSkipped(uint16 indexed marketId, uint8 reason, uint256 given, uint256 allowed);
    /// @notice The entry could not loosen, or was past its tight bounds, and said OR_TIGHTER (E in Words.sol): of each number the
    /// tighter, its own as far as its bound or that stored before, was applied.
    event LooseningSkipped(uint16 indexed marketId, uint8 reason, uint256 given, uint256 allowed);
    event MarketOverridden(ManualOverride values);
    /// @notice A new mode; `until` is type(uint40).max when it does not lapse.
    event ModeChanged(uint16 indexed marketId, Mode mode, address indexed by, uint40 until);

    error NotAllowed(address sender);
    error WriterIsHalted(address writer, uint256 until);
    error WrongSequence(uint256 given, uint256 expected);
    error DeadlinePassed(uint256 deadline, uint256 now_);
    /// @dev Entries are 14 bytes each, and at least one.
    error BadEntries(uint256 length);
    /// @dev Every market was refused; `reason` is that of the first.
    error NoMarketApplied(uint16 marketId, uint8 reason);
    error BadLimits(string what, uint256 given, uint256 allowed);
    /// @dev Values of a new market break the limits of its class; `reason` as below.
    error BadValues(uint8 reason, uint256 given, uint256 allowed);
    /// @dev An override's `until`.
    error BadUntil(uint16 marketId, uint40 given, uint256 earliest, uint256 latest);
    error UnknownClass(uint8 classId);
    /// @dev An asset (but the debt may be USD) or a probe without code.
    error NotAContract(address given);
    error ZeroAddress(string what);
    error MarketExists(address collateral, address debt, uint16 marketId);
    error ModeNotSafer(uint16 marketId, Mode given, Mode current);
    /// @dev A guardian's mode lapses, and what governance closed does not: only governance makes it stricter.
    error HeldByGovernance(uint16 marketId, Mode current);
    error GuardianCoolingDown(uint256 until);
    /// @dev Only a hot key is suspended by a guardian: a signer quorum must stay able to tighten.
    error NotAHotKey(address account);
    /// @dev A bug of this contract, caught before anybody could read its effect: the whole transaction reverts.
    error PostconditionFailed(uint16 marketId, string what);

    // --------------------------------------------------------------------------------------------------------- reads

    /// @notice The stored word of a market (layout: Words.sol, 0 when it was never listed), its assets and its probe.
    function storedMarket(uint16 marketId)
        external
        view
        returns (uint256 word, address collateral, address debt, address probe);

    /// @notice The stored word of an account (layout: Words.sol).
    function storedWriter(address holder) external view returns (uint256 word);

    /// @notice The stored word of a class (layout: Words.sol), 0 when it was never defined.
    function storedClass(uint8 classId) external view returns (uint256 word);

    /// @notice Highest market id listed so far.
    function marketCount() external view returns (uint16);

    /// @notice What `publishBatch` by `holder` would say of one market now: 0, or the first broken rule; and the three numbers (N in
    /// Words.sol) that the market would have then, 0 when it is skipped. With a reason and numbers only what tightens is applied.
    function preview(address holder, bytes14 entry)
        external
        view
        returns (uint8 reason, uint256 given, uint256 allowed, uint256 numbers);

    // -------------------------------------------------------------------------------------------------------- writes

    /// @notice Applies a batch inside the limits of the sender's power. Writers.
    /// @param head sequence, deadline and model version (H in Words.sol): the writer's last number plus one, so that nobody can
    /// lock it by jumping ahead and no other writer takes it; and the last block time at which the batch may be applied
    /// @param evidence hash of the stored inputs from which anyone recomputes the numbers
    /// @param entries 14 bytes a market (E in Words.sol)
    function publishBatch(uint256 head, bytes32 evidence, bytes calldata entries) external;

    // -------------------------------------------------------------------------------------------------------- powers

    /// @notice Sets the mode of a market. Governance: any, until changed; it ends a guardian's 24 h, too. Guardian: only safer than
    /// now, for 72 h, not again within 24 h of its lapse, not over a mode that governance set. Challenger: only NORMAL ->
    /// NO_NEW_RISK, for 6 h, which changes nothing of a guardian's 24 h.
    function setMode(uint16 marketId, Mode mode) external;

    /// @notice For 72 h the hot key sends nothing, not again within 24 h of the lapse. Guardian.
    function haltWriter(address holder) external;

    /// @notice For 72 h no writer loosens in the class, not again within 24 h of the lapse. Guardian.
    function holdClass(uint8 classId) external;

    /// @notice Admits, changes or (Power.NONE) removes an account; ends a suspension and a trip. Governance.
    function admit(AccountSetting calldata setting) external;

    /// @notice Defines or replaces the limits of a class. Governance.
    /// @dev Never moves a value. A gap or bonus that present values break is refused: first let a writer tighten. So is a longer
    /// decay or a lower stale cap while a market of the class is stale, which would read lower at once. A market takes new speeds
    /// and ttl with its next update.
    function setLimits(uint8 classId, Limits calldata limits) external;

    /// @notice Lists a pair and returns its id, which counts from 1, up to 512, and is never used again. Listers; what governance
    /// has ended only governance begins again.
    /// @dev The values count as data of the class's greatest age. Maintenance of a pair delisted before goes on from where it
    /// stood, in the class that it had; `maintenanceBps` is its target then.
    function listMarket(MarketListing calldata listing) external returns (uint16 marketId);

    /// @notice Ends a market: NO_NEW_RISK for ever, maintenance where it stands, no writer and no mode moves it. The pair may
    /// be listed again under a new id, by governance. Governance.
    function delistMarket(uint16 marketId) external;

    /// @notice Sets class, bounds of the exposure limit and probe of a market; never moves a value. Governance.
    /// @dev In another class it moves at that class's speeds from now on, and entries made before do not apply any more. One with
    /// a longer ttl or decay, or a lower stale cap, is refused while the data is stale: first let a writer update, or set values by
    /// hand.
    function changeMarket(uint16 marketId, MarketSetting calldata setting) external;

    /// @notice Writes values past step and budget, market by market: one that breaks bounds or gap is skipped with a reason.
    /// Maintenance keeps its speed. A roll back to known good values is one call of it. Governance.
    function setManually(ManualOverride[] calldata values) external;
}
