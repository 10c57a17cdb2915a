package io.tailrace.bench.report;

/** Text in XML. */
final class Xml {
    private Xml() {}

    /** As content of an element or of an attribute in double quotes; what XML cannot hold is left out. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(point -> {
            switch (point) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> {
                    boolean isAllowed = point >= ' ' || point == '\n' || point == '\t';
                    if (isAllowed && point != 0xfffe && point != 0xffff && !(point >= 0xd800 && point <= 0xdfff)) {
                        escaped.appendCodePoint(point);
                    }
                }
            }
        });
        return escaped.toString();
    }
}
