export { KV_ENTRIES_MAX, KvConfig, KvConfigError, type KvConfigOptions } from './kv-config.ts';
export * from './name-server.actor.ts';
export { NameServer, type NameServerOptions } from './name-server.ts';
export {
  NameServerSettings,
  type NameServerSettingValues,
  type SettingsUpdate,
  type SettingValue,
} from './name-server-settings.ts';
export * from './route-model.ts';
export { BROKER_EXPIRE_MS, MASTER_ID, RouteTable } from './route-table.ts';
