import {
  GetNamesrvConfig,
  ResponseCode,
  responseOf,
  UpdateNamesrvConfig,
} from '../protocol/index.ts';
import { type Handler, handle, success } from './handler.ts';
import type { NameServerSettings } from './name-server-settings.ts';

/**
 * Handlers of the settings, as properties text.
 * @source rocketmq 4.9.2 namesrv/processor/DefaultRequestProcessor.java; 5.3.3 for what is refused
 */
export const settingsHandlers = (settings: NameServerSettings): (readonly [number, Handler])[] => [
  handle(UpdateNamesrvConfig, (_, { body }) => {
    if (body !== undefined && settings.update(body.toString('utf8')) === 'forbidden') {
      const remark = 'Can not update config in black list.';
      return responseOf(ResponseCode.NO_PERMISSION, { remark });
    }
    return success();
  }),
  handle(GetNamesrvConfig, () => success({ body: Buffer.from(settings.text()) })),
];
