/** Gives back first what comes first in its order. */
export interface PriorityQueue<T> {
  push(item: T): void;
  pop(): T | undefined;
}

/** A binary heap: both operations take logarithmic time. */
export function priorityQueue<T>(order: (one: T, other: T) => number): PriorityQueue<T> {
  const heap: T[] = [];
  const at = (index: number) => heap[index] as T;
  const comesFirst = (one: number, other: number) => order(at(one), at(other)) < 0;
  const swap = (one: number, other: number) => {
    [heap[one], heap[other]] = [at(other), at(one)];
  };
  return {
    push(item) {
      heap.push(item);
      for (let child = heap.length - 1, parent; child > 0; child = parent) {
        parent = (child - 1) >> 1;
        if (!comesFirst(child, parent)) return;
        swap(child, parent);
      }
    },
    pop() {
      const [first] = heap;
      const last = heap.pop();
      if (heap.length === 0 || last === undefined) return first;
      heap[0] = last;
      for (let parent = 0; ;) {
        const left = 2 * parent + 1;
        const child = left + 1 < heap.length && comesFirst(left + 1, left) ? left + 1 : left;
        if (child >= heap.length || !comesFirst(child, parent)) return first;
        swap(parent, child);
        parent = child;
      }
    },
  };
}
