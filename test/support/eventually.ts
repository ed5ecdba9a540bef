const POLL_MS = 25;

/**
 * Asks again until the answer satisfies `isDone`, for things another process decides when to do. Returns the last
 * answer either way, so that the caller's assertion can show it.
 */
export const eventually = async <T>(
  ask: () => Promise<T>,
  isDone: (answer: T) => boolean,
  limitMs: number,
): Promise<T> => {
  const endMs = performance.now() + limitMs;
  let answer = await ask();
  while (!isDone(answer) && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    answer = await ask();
  }
  return answer;
};
