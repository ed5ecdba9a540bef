// Entry of a pool's helper threads. CommonJS on purpose: piscina loads its entry with `require`, and a thread that is
// ended while `require` links an ES module takes the whole process with it (V8 aborts in ModuleWrap::InstantiateSync).
// `import()` may be cut off anywhere.
exports.runTask = (call: import('./pool.worker.ts').TaskCall) =>
  import('./pool.worker.ts').then(({ runTask }) => runTask(call));
