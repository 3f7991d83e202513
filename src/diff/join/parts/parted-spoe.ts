/** What SPOE lines of all parts say. */
import { SpoeCounts } from '../spoe-counts.ts';
import { addOtherAgent, type SpoeFacts } from '../spoe-events.ts';

export class PartedSpoe extends SpoeCounts {
  add(part: SpoeFacts): void {
    this.lines += part.lines;
    this.failed += part.failed;
    this.isUsable ||= part.isUsable;
    for (const agent of part.otherAgents) addOtherAgent(this.otherAgents, agent);
    for (const name of part.events) {
      const counts = this.streamsOf(name);
      const { streams, first } = part.streamsOf(name);
      counts.streams += streams;
      counts.first += first;
    }
  }
}
