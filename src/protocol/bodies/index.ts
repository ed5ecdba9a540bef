export * from './clients.ts';
export * from './config.ts';
export * from './register-broker.ts';
export * from './route.ts';
