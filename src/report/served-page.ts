/** What a server adds to the pages of this room. */
import { contentPolicy, type LivePage } from './html/page.ts';
import { PAGE_SCRIPT } from './html/page-script.ts';
import { STYLE } from './html/style.ts';

export type { LivePage };

/** The policy of every page in its header: that nobody may frame it only a header can say. */
export const PAGE_POLICY = `${contentPolicy(STYLE, PAGE_SCRIPT, true)}; frame-ancestors 'none'`;
