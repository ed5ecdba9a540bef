import { groupNameFault } from '../../message/index.ts';
import {
  DeleteSubscriptionGroup,
  decodeSubscriptionGroupConfig,
  encodeConsumerOffsets,
  encodeGroupList,
  encodeSubscriptionGroupTable,
  GetAllConsumerOffset,
  GetAllSubscriptionGroupConfig,
  QueryTopicConsumeByWho,
  ResponseCode,
  UpdateAndCreateSubscriptionGroup,
} from '../../protocol/index.ts';
import type { BrokerParts } from '../broker-parts.ts';
import { type CodeAndHandler, handle } from '../cold-handler.ts';
import { ViewWork } from '../consumer-group-messages.ts';
import { Refusal } from '../refusal.ts';

const NO_BODY = Buffer.alloc(0);

/**
 * Handlers of subscription groups: created, changed, deleted, listed.
 * @source rocketmq 4.9.2 broker/processor/AdminBrokerProcessor.java
 */
export const groupHandlers = (parts: BrokerParts): CodeAndHandler[] => [
  handle(UpdateAndCreateSubscriptionGroup, (_header, request) => {
    const group = decodeSubscriptionGroupConfig(request.body ?? NO_BODY);
    const fault = groupNameFault(group.groupName);
    if (fault !== undefined) throw new Refusal(ResponseCode.SYSTEM_ERROR, fault);
    parts.groups.put(group);
    return undefined;
  }),
  handle(DeleteSubscriptionGroup, ({ groupName, removeOffset }) => {
    parts.groups.delete(groupName);
    if (removeOffset === true) {
      parts.consumerGroups.delete(groupName);
      parts.offsets.delete(groupName);
    }
    return undefined;
  }),
  handle(GetAllSubscriptionGroupConfig, () => ({
    body: encodeSubscriptionGroupTable(parts.groups.table()),
  })),
  handle(GetAllConsumerOffset, () => ({ body: encodeConsumerOffsets(parts.offsets.snapshot()) })),
  handle(QueryTopicConsumeByWho, ({ topic }) => {
    const groups = new Set(parts.offsets.groupsOf(topic));
    for (const [group, ref] of parts.consumerGroups.entries()) {
      const work = new ViewWork();
      if (ref.run(work) && work.view?.subscriptions.has(topic)) groups.add(group);
    }
    return { body: encodeGroupList({ groupList: [...groups] }) };
  }),
];
