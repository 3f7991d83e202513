/**
 * Known differences of a mirror: `(answer, request, random)` changes an answer, or says that it is 'lost'. Each takes the
 * names of the routes that are concerned; without them it is all of them.
 */

const concerns = (routes, { route }) => routes === undefined || routes.includes(route.name);
const isFine = ({ outcome }) => typeof outcome === 'number' && outcome < 500;

/** Of all requests of these routes this part more fails, exactly: what failed already cannot fail again. */
export function moreErrors(share, routes) {
  return (answer, request, random) => {
    if (!concerns(routes, request) || !isFine(answer)) return;
    const fineChance = (1 - request.failing) * (1 - request.bothFailing);
    if (random.chance(share / fineChance)) answer.outcome = 500;
  };
}

/** Of these routes one request in so many fails, spread over the time. */
export function everyFails(step, routes) {
  let requests = 0;
  return (answer, request) => {
    if (concerns(routes, request) && requests++ % step === 0) answer.outcome = 500;
  };
}

/** Answers another status instead of a fine one. */
export function otherStatus(status, routes, share = 1) {
  return (answer, request, random) => {
    if (concerns(routes, request) && isFine(answer) && answer.outcome < 400 && random.chance(share))
      answer.outcome = status;
  };
}

export function slower(factor, routes) {
  return (answer, request) => {
    if (!concerns(routes, request)) return;
    answer.ttfb *= factor;
    answer.total *= factor;
  };
}

/** No line of these requests arrives. */
export function lost(share, routes) {
  return (_answer, request, random) => (concerns(routes, request) && random.chance(share) ? 'lost' : undefined);
}

/** Nobody answers during a part of the time, as while a server starts again. */
export function outage(from, to) {
  return (answer, { progress }) => {
    if (progress >= from && progress < to) answer.outcome = 'connect-refused';
  };
}
