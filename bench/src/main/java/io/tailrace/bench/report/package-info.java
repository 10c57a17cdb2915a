/** What a run found, and its forms: text, JSON, Markdown, and a page with plots. Knows nothing of how it was measured. */
@NullMarked
package io.tailrace.bench.report;

import org.jspecify.annotations.NullMarked;
