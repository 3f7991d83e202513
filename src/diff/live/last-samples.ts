/** The last few requests of each kind: what happens now is what one follows a log for. */
import type { Sample, SampleKind } from '../model.ts';
import type { RequestLineOptions } from '../request-lines.ts';
import { PER_KIND, PER_ROUTE, SAMPLE_KINDS, slowness, toSample } from '../samples.ts';
import type { LiveRoute } from './live-routes.ts';
import { type Settled, toRequestLine } from './settled.ts';

/** Of each kind, so that there is one of another route among them. */
const KEPT = 50;

interface Kept {
  readonly settled: Settled;
  readonly route: LiveRoute;
}

export class LastSamples {
  readonly #kept = new Map<SampleKind, Kept[]>(SAMPLE_KINDS.map((kind) => [kind, []]));

  /** @param isMissing it is one of the buckets that nobody can explain */
  add(settled: Settled, route: LiveRoute, isMissing: boolean): void {
    const { kind, request, answer } = settled;
    if (isMissing) this.#keep('missing', { settled, route });
    for (const wanted of SAMPLE_KINDS) if (wanted === kind) this.#keep(wanted, { settled, route });
    if (answer !== undefined && slowness(request.totalMs, answer.totalMs) > 0) this.#keep('slow', { settled, route });
  }

  get size(): number {
    return [...this.#kept.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** The latest first, at most three of one route. @param isShown without those that turned out to be something else */
  list(
    nameOf: (route: LiveRoute) => string,
    isShown: (settled: Settled) => boolean,
    options: RequestLineOptions,
  ): Sample[] {
    return SAMPLE_KINDS.flatMap((kind) => {
      const uses = new Map<string, number>();
      const samples: Sample[] = [];
      for (const { settled, route } of [...(this.#kept.get(kind) ?? [])].reverse()) {
        const name = nameOf(route);
        const used = uses.get(name) ?? 0;
        if (samples.length === PER_KIND || used === PER_ROUTE || !isShown(settled)) continue;
        uses.set(name, used + 1);
        samples.push(toSample(kind, toRequestLine(settled, name, options)));
      }
      return samples;
    });
  }

  #keep(kind: SampleKind, kept: Kept): void {
    const list = this.#kept.get(kind) as Kept[];
    list.push(kept);
    if (list.length > KEPT) list.shift();
  }
}
