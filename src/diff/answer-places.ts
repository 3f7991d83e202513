/** What a place of an answer is of: its head or its body, or another place. */
interface Placed {
  /** `status`, `content-type`, `header x-cache`, `length`, `body`, `$.items[*].price`. */
  readonly place: string;
}

/** Whether it is one of what the body holds. */
export function isOfBody({ place }: Placed): boolean {
  return place.startsWith('$') || place === 'body';
}

/** Whether it is of status and headers; everything else is of the body. */
export function isOfHead({ place }: Placed): boolean {
  return place === 'status' || place === 'content-type' || place.startsWith('header ');
}

/** Whether it is this place, or one below it. */
export function isAt({ place }: Placed, wanted: string): boolean {
  return (
    place === wanted || (place.startsWith(wanted) && (place[wanted.length] === '.' || place[wanted.length] === '['))
  );
}
