// Key-value configuration of the name server.

import { defineCommand } from '../schema.ts';

/** Stores a value. */
export const PutKvConfig = defineCommand({
  name: 'PUT_KV_CONFIG',
  code: 100,
  to: 'namesrv',
  request: { namespace: 'string', key: 'string', value: 'string' },
});

/** Reads a value. */
export const GetKvConfig = defineCommand({
  name: 'GET_KV_CONFIG',
  code: 101,
  to: 'namesrv',
  request: { namespace: 'string', key: 'string' },
  response: { value: 'string?' },
});

/** Deletes a value. */
export const DeleteKvConfig = defineCommand({
  name: 'DELETE_KV_CONFIG',
  code: 102,
  to: 'namesrv',
  request: { namespace: 'string', key: 'string' },
});

/** All values of a namespace. */
export const GetKvListByNamespace = defineCommand({
  name: 'GET_KVLIST_BY_NAMESPACE',
  code: 219,
  to: 'namesrv',
  request: { namespace: 'string' },
});
