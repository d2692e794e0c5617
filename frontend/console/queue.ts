// Sends in order: one lane per ticket, one at a time in each, patient while the network hiccups.

export interface Job {
  lane: string;
  ref: string;
}

export interface QueueOptions<J extends Job> {
  deliver(job: J): Promise<void>;
  /** Might the same attempt succeed in a moment? */
  isPassing(error: unknown): boolean;
  onFailed(job: J, error: unknown): void;
  /** attempt: 1 after the first failure. */
  pause(attempt: number): Promise<void>;
  attempts?: number;
}

export interface Queue<J extends Job> {
  add(job: J): void;
  /** Takes a job out that has not begun. False when it is not waiting (any more). */
  withdraw(ref: string): boolean;
}

export function createQueue<J extends Job>(options: QueueOptions<J>): Queue<J> {
  const attempts = options.attempts ?? 4;
  const lanes = new Map<string, J[]>();

  async function run(lane: string, jobs: J[]): Promise<void> {
    while (jobs[0]) {
      const job = jobs[0];
      try {
        await patiently(job);
        jobs.shift();
      } catch (error) {
        // What stands behind a message that did not get through would overtake it.
        const failed = options.isPassing(error) ? jobs.splice(0) : jobs.splice(0, 1);
        failed.forEach((each) => options.onFailed(each, error));
      }
    }
    lanes.delete(lane);
  }

  async function patiently(job: J): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await options.deliver(job);
      } catch (error) {
        if (attempt >= attempts || !options.isPassing(error)) throw error;
        await options.pause(attempt);
      }
    }
  }

  return {
    add(job) {
      const jobs = lanes.get(job.lane);
      if (jobs) {
        jobs.push(job);
        return;
      }
      const opened = [job];
      lanes.set(job.lane, opened);
      void run(job.lane, opened);
    },
    withdraw(ref) {
      for (const jobs of lanes.values()) {
        const index = jobs.findIndex((job, i) => i > 0 && job.ref === ref);
        if (index > 0) return jobs.splice(index, 1).length > 0;
      }
      return false;
    },
  };
}
