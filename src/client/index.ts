// The client library: what `saturnmq/client` exports.

export type {
  BodyLease,
  BodyReader,
  Clock,
  Logger,
  Network,
  Random,
  Scheduler,
} from '../base/index.ts';
export type {
  CommandDefinition,
  HeaderOf,
  HeaderSchema,
  RemotingCommand,
  RequestView,
} from '../protocol/index.ts';
export type { CallDone } from '../transport/index.ts';
export { Admin, type CreateTopicOptions } from './admin.ts';
export type { MessageModel } from './assignment.ts';
export {
  type Channel,
  type ChannelEvents,
  type OpenChannel,
  openTcpChannel,
  type ServerRequest,
} from './channel.ts';
export { type ClientEnvironment, systemEnvironment } from './environment.ts';
export { CLIENT_ERRORS, ClientError, type ClientErrorCode } from './errors.ts';
export type { HandlerContext, MessageHandler } from './handling.ts';
export type {
  ClientNode,
  ClientOptions,
  ClientSettings,
  NamesrvOptions,
  NodeOptions,
} from './options.ts';
export {
  Producer,
  type ProducerOptions,
  type ProducerSettings,
} from './producer.ts';
export {
  PullConsumer,
  type PullConsumerOptions,
  type PullConsumerSettings,
  type PullOptions,
} from './pull-consumer.ts';
export {
  PushConsumer,
  type PushConsumerOptions,
  type PushConsumerSettings,
} from './push-consumer.ts';
export type { SendOptions } from './send-task.ts';
export type { ConsumeFromWhere } from './start-offset.ts';
export { type LocatedQueue, locateQueues } from './topic-lookup.ts';
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
