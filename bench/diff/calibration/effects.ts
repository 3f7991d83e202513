/**
 * Known differences of a mirror. Each takes the names of the routes that are concerned; without them it is all of them.
 */
import type { Random } from '../../random.ts';
import type { MirrorAnswer, SimulatedRequest } from './simulation.ts';

/** Changes an answer, or says that it is lost. */
export type Effect = (answer: MirrorAnswer, request: SimulatedRequest, random: Random) => 'lost' | undefined;
type RouteNames = readonly string[] | undefined;

const concerns = (routes: RouteNames, { route }: SimulatedRequest) =>
  routes === undefined || routes.includes(route.name);
const isBelow = ({ outcome }: MirrorAnswer, status: number) => typeof outcome === 'number' && outcome < status;

/** An effect that loses nothing. */
function changing(change: (answer: MirrorAnswer, request: SimulatedRequest, random: Random) => void): Effect {
  return (answer, request, random) => {
    change(answer, request, random);
    return undefined;
  };
}

/** Of all requests of these routes this part more fails, exactly: what failed already cannot fail again. */
export function moreErrors(share: number, routes?: RouteNames): Effect {
  return changing((answer, request, random) => {
    if (!concerns(routes, request) || !isBelow(answer, 500)) return;
    const fineChance = (1 - request.failing) * (1 - request.bothFailing);
    if (random.chance(share / fineChance)) answer.outcome = 500;
  });
}

/** Of these routes one request in so many fails, spread over the time. */
export function everyFails(step: number, routes?: RouteNames): Effect {
  let requests = 0;
  return changing((answer, request) => {
    if (concerns(routes, request) && requests++ % step === 0) answer.outcome = 500;
  });
}

/** Answers another status instead of a fine one. */
export function otherStatus(status: number, routes?: RouteNames, share = 1): Effect {
  return changing((answer, request, random) => {
    if (concerns(routes, request) && isBelow(answer, 400) && random.chance(share)) answer.outcome = status;
  });
}

export function slower(factor: number, routes?: RouteNames): Effect {
  return changing((answer, request) => {
    if (!concerns(routes, request)) return;
    answer.ttfb *= factor;
    answer.total *= factor;
  });
}

/** No line of these requests arrives. */
export function lost(share: number, routes?: RouteNames): Effect {
  return (_answer, request, random) => (concerns(routes, request) && random.chance(share) ? 'lost' : undefined);
}

/** Nobody answers during a part of the time, as while a server starts again. */
export function outage(from: number, to: number): Effect {
  return changing((answer, { progress }) => {
    if (progress >= from && progress < to) answer.outcome = 'connect-refused';
  });
}
