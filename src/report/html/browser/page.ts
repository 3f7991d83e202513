/** The script of a page: built into one text by scripts/build.mjs. A page says all it has to say without it. */
import { makeCharts } from './charts.ts';
import { listenLive } from './live.ts';

// The sections are kept as the server wrote them, before charts change them.
listenLive(document.body.dataset.live, (part) => makeCharts(part));
makeCharts(document);
