// Access control of 4.x.

import { defineCommand } from '../schema.ts';

/** Creates or changes an account. */
export const UpdateAndCreateAclConfig = defineCommand({
  name: 'UPDATE_AND_CREATE_ACL_CONFIG',
  code: 50,
  to: 'broker',
  request: {
    accessKey: 'string',
    secretKey: 'string?',
    whiteRemoteAddress: 'string?',
    admin: 'boolean?',
    defaultTopicPerm: 'string?',
    defaultGroupPerm: 'string?',
    topicPerms: 'string?',
    groupPerms: 'string?',
  },
});

/** Deletes an account. */
export const DeleteAclConfig = defineCommand({
  name: 'DELETE_ACL_CONFIG',
  code: 51,
  to: 'broker',
  request: { accessKey: 'string' },
});

/** Version of the access configuration. */
export const GetBrokerClusterAclInfo = defineCommand({
  name: 'GET_BROKER_CLUSTER_ACL_INFO',
  code: 52,
  to: 'broker',
  response: {
    version: 'string',
    brokerName: 'string',
    brokerAddr: 'string',
    clusterName: 'string',
  },
});

/** Replaces the list of addresses that need no account. */
export const UpdateGlobalWhiteAddrsConfig = defineCommand({
  name: 'UPDATE_GLOBAL_WHITE_ADDRS_CONFIG',
  code: 53,
  to: 'broker',
  request: { globalWhiteAddrs: 'string' },
});

/** The whole access configuration. */
export const GetBrokerClusterAclConfig = defineCommand({
  name: 'GET_BROKER_CLUSTER_ACL_CONFIG',
  code: 54,
  to: 'broker',
});
