export { Forwarder, type ForwarderOptions } from './forwarder.ts';
export { type HubBell, type OpenBell, scheduledBells } from './hub-bell.ts';
export * from './ring-channel.ts';
export { RingHub, type RingHubOptions } from './ring-hub.ts';
export { ringNetwork } from './ring-network.ts';
export * from './ring-pair.ts';
