// The client library: what `saturnmq/client` exports.

export type { Clock, Logger, Network, Random, Scheduler } from '../base/index.ts';
export type { RemotingCommand } from '../protocol/index.ts';
export { Admin, type CreateTopicOptions } from './admin.ts';
export type { MessageModel } from './assignment.ts';
export {
  type Channel,
  type ChannelEvents,
  type OpenChannel,
  openTcpChannel,
  type ServerRequest,
} from './channel.ts';
export type { ClientOptions } from './core.ts';
export { type ClientEnvironment, systemEnvironment } from './environment.ts';
export { CLIENT_ERRORS, ClientError, type ClientErrorCode } from './errors.ts';
export type { HandlerContext, MessageHandler } from './handling.ts';
export { Producer, type ProducerOptions, type SendOptions } from './producer.ts';
export { PullConsumer, type PullConsumerOptions, type PullOptions } from './pull-consumer.ts';
export { PushConsumer, type PushConsumerOptions } from './push-consumer.ts';
export type { ConsumeFromWhere } from './start-offset.ts';
export type { TopicRoute } from './topic-route.ts';
export type {
  CallOptions,
  MessageQueue,
  OutgoingMessage,
  PullResult,
  PullStatus,
  ReceivedMessage,
  SendResult,
  SendStatus,
} from './types.ts';
