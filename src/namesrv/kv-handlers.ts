import {
  DeleteKvConfig,
  encodeHeader,
  encodeKvTable,
  GetKvConfig,
  GetKvListByNamespace,
  PutKvConfig,
  ResponseCode,
  responseOf,
} from '../protocol/index.ts';
import { type Handler, handle, success } from './handler.ts';
import type { KvConfig } from './kv-config.ts';

/**
 * Handlers of the key-value configuration.
 * @source rocketmq 4.9.2 namesrv/processor/DefaultRequestProcessor.java
 */
export const kvHandlers = (kv: KvConfig): (readonly [number, Handler])[] => [
  handle(PutKvConfig, ({ namespace, key, value }) => {
    kv.put(namespace, key, value);
    return success();
  }),
  handle(GetKvConfig, ({ namespace, key }) => {
    const value = kv.get(namespace, key);
    if (value !== undefined) {
      return success({ extFields: encodeHeader(GetKvConfig.response, { value }) });
    }
    const remark = `No config item, Namespace: ${namespace} Key: ${key}`;
    return responseOf(ResponseCode.QUERY_NOT_FOUND, { remark });
  }),
  handle(DeleteKvConfig, ({ namespace, key }) => {
    kv.delete(namespace, key);
    return success();
  }),
  handle(GetKvListByNamespace, ({ namespace }) => {
    const table = kv.list(namespace);
    if (table !== undefined) return success({ body: encodeKvTable({ table }) });
    const remark = `No config item, Namespace: ${namespace}`;
    return responseOf(ResponseCode.QUERY_NOT_FOUND, { remark });
  }),
];
