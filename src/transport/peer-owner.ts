import type { Clock } from '../base/index.ts';
import type { RequestView } from '../protocol/index.ts';
import type { FlushQueue } from './flush-queue.ts';
import type { OutputPool } from './output-buffer.ts';
import type { Peer } from './peer.ts';
import type { PendingRequests } from './pending-requests.ts';

/** Takes one complete frame of a peer, `buffer[frameStart … frameEnd)`, valid during the call. */
export type FrameTaker = (buffer: Buffer, frameStart: number, frameEnd: number, peer: Peer) => void;

/** What a server or client gives to each of its peers, and is told by them. */
export interface PeerOwner {
  readonly clock: Clock;
  readonly pool: OutputPool;
  readonly pending: PendingRequests;
  readonly flushQueue: FlushQueue;
  /** Scratch of the frame at hand: frames run one at a time. */
  readonly view: RequestView;
  /**
   * Whether a peer that does not read its answers is not read either. Only one side of a connection may do so: two
   * would wait for each other.
   */
  readonly pausesUnreadPeers: boolean;
  /** Silence in both directions after which a peer is closed. */
  readonly idleCloseMs: number;
  /** Where it is there, frames go here as they came, and neither `onRequest` nor `onResponse` is called. */
  readonly onFrame?: FrameTaker | undefined;
  /** Runs `callback` in a later turn. */
  defer(callback: () => void): void;
  /** One request frame; the view is valid during the call. A throw is answered with SYSTEM_ERROR. */
  onRequest(view: RequestView, peer: Peer): void;
  /** An answer to a request made to the peer. */
  onResponse(view: RequestView, peer: Peer): void;
  /** All frames of a read event have run; what they wrote is sent next. */
  onTurnEnd(): void;
  /** What the peer was sent has left. */
  onPeerDrain?(peer: Peer): void;
  /** The peer is closed for `reason`: what it sent is no frame, or it does not read. */
  onMisbehaviour(peer: Peer, reason: string): void;
  /** A handler threw. */
  onFailure(peer: Peer, code: number, error: unknown): void;
  /** Last call. */
  onPeerClose(peer: Peer, error: Error | undefined): void;
}
