// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IParameters} from "../parameters/IParameters.sol";

/// @title A batch signed by k of n keepers, sent by anyone.
/// @notice An account of Power.QUORUM and nothing else: no storage, no owner, no money. Signers and threshold are fixed in its
/// bytecode; another set of signers is another contract, and a signature names the one it is for.
/// @dev Assumptions. *Safety*: fewer than k signers are dishonest, and a signer signs one batch per sequence number
/// (of two signed ones whoever relays chooses). *Liveness*: k signers answer. The sequence is this account's own: no hot key takes it.
contract SignerQuorum is EIP712 {
    uint256 public constant MAX_SIGNERS = 15;
    /// @dev r, s, v
    uint256 private constant SIGNATURE_BYTES = 65;
    bytes32 private constant BATCH_TYPEHASH =
        keccak256("Batch(address parameters,uint256 head,bytes32 evidence,bytes entries)");

    /// @notice How many of the signers must have signed.
    uint256 public immutable threshold;
    /// @notice How many there are.
    uint256 public immutable signerCount;

    // In the bytecode a signer costs three gas to read, in storage 2 100. Solidity has no immutable arrays.
    address private immutable _signer0;
    address private immutable _signer1;
    address private immutable _signer2;
    address private immutable _signer3;
    address private immutable _signer4;
    address private immutable _signer5;
    address private immutable _signer6;
    address private immutable _signer7;
    address private immutable _signer8;
    address private immutable _signer9;
    address private immutable _signer10;
    address private immutable _signer11;
    address private immutable _signer12;
    address private immutable _signer13;
    address private immutable _signer14;

    error BadThreshold(uint256 given, uint256 signers);
    error TooManySigners(uint256 given, uint256 allowed);
    error ZeroSigner(uint256 index);
    error TooFewSignatures(uint256 given, uint256 needed);
    /// @dev Not greater than the one before: out of order, or twice the same.
    error SignersNotAscending(address given, address previous);
    /// @dev Another key, or another message: also what a signature for another chain, quorum or batch comes to.
    error NotASigner(address given);
    /// @dev No signature: not 65 bytes (`given` is the length), malleable (`given` is s), or not a point of the curve.
    error BadSignature(uint256 index, ECDSA.RecoverError reason, bytes32 given);

    /// @param threshold_ k, at least 1
    /// @param keys n addresses, at most 15, strictly ascending
    constructor(uint256 threshold_, address[] memory keys) EIP712("Tonsor SignerQuorum", "1") {
        uint256 count = keys.length;
        if (count > MAX_SIGNERS) revert TooManySigners(count, MAX_SIGNERS);
        // Nobody's signatures would be enough, or everybody's too few.
        if (threshold_ == 0 || threshold_ > count) revert BadThreshold(threshold_, count);
        address[MAX_SIGNERS] memory all;
        for (uint256 i; i < count; ++i) {
            // What ecrecover answers when there is no signer.
            if (keys[i] == address(0)) revert ZeroSigner(i);
            // One key counted twice.
            if (i > 0 && keys[i] <= keys[i - 1]) revert SignersNotAscending(keys[i], keys[i - 1]);
            all[i] = keys[i];
        }
        (threshold, signerCount) = (threshold_, count);
        (_signer0, _signer1, _signer2, _signer3, _signer4) = (all[0], all[1], all[2], all[3], all[4]);
        (_signer5, _signer6, _signer7, _signer8, _signer9) = (all[5], all[6], all[7], all[8], all[9]);
        (_signer10, _signer11, _signer12, _signer13, _signer14) = (all[10], all[11], all[12], all[13], all[14]);
    }

    /// @notice Applies a batch that enough signers have signed, inside the quorum's limits. Anyone may send it. What
    /// the parameter contract refuses comes through with its own error.
    /// @param head as `publishBatch` takes it, like `evidence` and `entries`
    /// @param signatures 65 bytes each, one after the other, by ascending address of the signer
    function publishSigned(
        IParameters parameters,
        uint256 head,
        bytes32 evidence,
        bytes calldata entries,
        bytes calldata signatures
    ) external {
        _requireQuorum(digestOf(parameters, head, evidence, entries), signatures);
        parameters.publishBatch(head, evidence, entries);
    }

    /// @notice What a signer signs (EIP-712). Replay on another chain or by another quorum: the domain; on another parameter
    /// contract: `parameters`; a second time, or later: the sequence and the deadline in `head`; after a move of a market: the
    /// generation in its entry.
    function digestOf(IParameters parameters, uint256 head, bytes32 evidence, bytes calldata entries)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(keccak256(abi.encode(BATCH_TYPEHASH, parameters, head, evidence, keccak256(entries))));
    }

    /// @notice The signers, ascending.
    function signers() external view returns (address[] memory list) {
        address[MAX_SIGNERS] memory all = _signers();
        list = new address[](signerCount);
        for (uint256 i; i < list.length; ++i) list[i] = all[i];
    }

    function _requireQuorum(bytes32 digest, bytes calldata signatures) private view {
        unchecked {
            uint256 given = signatures.length / SIGNATURE_BYTES;
            if (given < threshold) revert TooFewSignatures(given, threshold);
            uint256 rest = signatures.length % SIGNATURE_BYTES;
            // Bytes that nobody looks at would let anyone change a transaction's data and keep its effect.
            if (rest != 0) revert BadSignature(given, ECDSA.RecoverError.InvalidSignatureLength, bytes32(rest));

            address[MAX_SIGNERS] memory all = _signers();
            uint256 at;
            address previous;
            for (uint256 i; i < given; ++i) {
                (address signer, ECDSA.RecoverError reason, bytes32 wrong) = ECDSA.tryRecoverCalldata(
                    digest, signatures[i * SIGNATURE_BYTES:(i + 1) * SIGNATURE_BYTES]
                );
                if (reason != ECDSA.RecoverError.NoError) revert BadSignature(i, reason, wrong);
                // One key counted twice.
                if (signer <= previous) revert SignersNotAscending(signer, previous);
                // Both lists ascend: one walk through the signers finds them all.
                while (at < MAX_SIGNERS && all[at] != signer) ++at;
                if (at == MAX_SIGNERS) revert NotASigner(signer);
                previous = signer;
            }
        }
    }

    function _signers() private view returns (address[MAX_SIGNERS] memory) {
        return [
            _signer0,
            _signer1,
            _signer2,
            _signer3,
            _signer4,
            _signer5,
            _signer6,
            _signer7,
            _signer8,
            _signer9,
            _signer10,
            _signer11,
            _signer12,
            _signer13,
            _signer14
        ];
    }
}
