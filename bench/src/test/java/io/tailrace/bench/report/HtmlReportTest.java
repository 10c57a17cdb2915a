package io.tailrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlReportTest {
    private static final double PIXELS_PER_CHARACTER_LEAST = 5;

    private final String page = HtmlReport.of(Samples.report());

    private static Document parse(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    private static List<Element> elements(Document document, String name) {
        return elements(document.getElementsByTagName(name));
    }

    private static List<Element> elements(NodeList nodes) {
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    @Test
    void thePageIsWellFormedWhateverThingsAreCalled() throws Exception {
        Document document = parse(page);
        assertThat(elements(document, "h2").stream().map(Element::getTextContent))
                .contains("Start <now> & here", "Fan-out", "Latency");
        assertThat(document.getDocumentElement().getTextContent()).contains("2 x <fast> & cheap");
    }

    @Test
    void thePageNeedsNothingElse() throws Exception {
        assertThat(page).doesNotContain("<script").doesNotContain("<link").doesNotContain("url(");
        assertThat(elements(parse(page), "a").stream().map(link -> link.getAttribute("href")))
                .allMatch(target -> target.startsWith("#"));
    }

    @Test
    void thereIsAPlotForEveryMetricAndForTheDistribution() throws Exception {
        // Bars of start and latency, lines of fan-out, curves of latency.
        List<Element> drawings = elements(parse(page), "svg");
        assertThat(drawings).hasSize(4);
        assertThat(drawings)
                .allMatch(drawing -> !drawing.getAttribute("aria-label").isEmpty());
        assertThat(elements(drawings.get(1).getElementsByTagName("polyline"))).hasSize(2);
        assertThat(elements(drawings.get(3).getElementsByTagName("polyline"))).hasSize(6);
    }

    @Test
    void everythingThatIsDrawnIsWithinItsDrawing() throws Exception {
        for (Element drawing : elements(parse(page), "svg")) {
            double width = Double.parseDouble(drawing.getAttribute("width"));
            double height = Double.parseDouble(drawing.getAttribute("height"));
            for (Element text : elements(drawing.getElementsByTagName("text"))) {
                assertThat(left(text)).as(text.getTextContent()).isGreaterThanOrEqualTo(0);
                assertThat(right(text)).as(text.getTextContent()).isLessThanOrEqualTo(width);
                assertThat(number(text, "y")).as(text.getTextContent()).isBetween(0.0, height);
            }
            for (Element bar : elements(drawing.getElementsByTagName("rect"))) {
                assertThat(number(bar, "x") + number(bar, "width")).isLessThanOrEqualTo(width);
            }
            for (Element curve : elements(drawing.getElementsByTagName("polyline"))) {
                for (String point : curve.getAttribute("points").split(" ")) {
                    String[] position = point.split(",");
                    assertThat(Double.parseDouble(position[0])).isBetween(0.0, width);
                    assertThat(Double.parseDouble(position[1])).isBetween(0.0, height);
                }
            }
        }
    }

    @Test
    void noTwoTextsOfOneLineOverlap() throws Exception {
        for (Element drawing : elements(parse(page), "svg")) {
            Map<String, List<Element>> lines = new HashMap<>();
            for (Element text : elements(drawing.getElementsByTagName("text"))) {
                lines.computeIfAbsent(text.getAttribute("y"), any -> new ArrayList<>())
                        .add(text);
            }
            for (List<Element> line : lines.values()) {
                line.sort((a, b) -> Double.compare(left(a), left(b)));
                for (int i = 1; i < line.size(); i++) {
                    assertThat(left(line.get(i)))
                            .as(line.get(i - 1).getTextContent() + " | "
                                    + line.get(i).getTextContent())
                            .isGreaterThan(right(line.get(i - 1)));
                }
            }
        }
    }

    @Test
    void twiceTheValueIsABarOfTwiceTheLength() throws Exception {
        List<Element> bars = elements(elements(parse(page), "svg").getFirst().getElementsByTagName("rect"));
        assertThat(bars).hasSize(2);
        assertThat(number(bars.get(1), "width") / number(bars.get(0), "width"))
                .isCloseTo(4, org.assertj.core.data.Percentage.withPercentage(1));
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    private static double left(Element text) {
        double length = text.getTextContent().length() * PIXELS_PER_CHARACTER_LEAST;
        return switch (text.getAttribute("text-anchor")) {
            case "start" -> number(text, "x");
            case "middle" -> number(text, "x") - length / 2;
            default -> number(text, "x") - length;
        };
    }

    private static double right(Element text) {
        return left(text) + text.getTextContent().length() * PIXELS_PER_CHARACTER_LEAST;
    }
}
