/**
 * Runs `step` for one item after the other and then `done`. A step that calls `next` before it returns costs no
 * stack, so ten thousand items are fine; a second `next` of one step is ignored.
 */
export function inSequence<T>(
  items: readonly T[],
  step: (item: T, next: () => void) => void,
  done: () => void,
): void {
  let index = 0;
  let isLooping = false;
  let isAnswered = false;
  const loop = (): void => {
    isLooping = true;
    do {
      if (index === items.length) {
        done();
        return;
      }
      isAnswered = false;
      const turn = ++index;
      step(items[turn - 1] as T, () => {
        if (turn !== index || isAnswered) return;
        isAnswered = true;
        if (!isLooping) loop();
      });
    } while (isAnswered);
    isLooping = false;
  };
  loop();
}
