package org.holdfast.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Bars as a picture: a panel for each of several figures, each on a scale of its own that begins
/// at zero, since a list and a first backup have none in common. It brings its own background, so
/// that it is the same on a light page and on a dark one.
final class Chart {
  private static final int COLUMNS = 2;
  private static final int PANEL_WIDTH = 480;
  private static final int NAME_WIDTH = 175;
  private static final int VALUE_WIDTH = 65;
  private static final int BAR_STEP = 20;
  private static final int BAR_HEIGHT = 14;
  private static final int HEAD_HEIGHT = 40;
  private static final int PANEL_HEAD_HEIGHT = 26;
  private static final int MARGIN = 14;

  private final String title;
  private final List<Panel> panels = new ArrayList<>();

  Chart(String title) {
    this.title = title;
  }

  /// One without bars is left out.
  void add(String name, List<Bar> bars) {
    if (!bars.isEmpty()) {
      panels.add(new Panel(name, bars));
    }
  }

  String svg() {
    int panelHeight =
        PANEL_HEAD_HEIGHT
            + BAR_STEP * panels.stream().mapToInt(each -> each.bars.size()).max().orElse(0)
            + MARGIN;
    int width = COLUMNS * PANEL_WIDTH + MARGIN;
    int height = HEAD_HEIGHT + panelHeight * Math.ceilDiv(panels.size(), COLUMNS);
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d"\
         font-family="sans-serif" font-size="12" fill="#222">
        <rect width="100%%" height="100%%" fill="#fff"/>
        """
            .formatted(width, height, width, height));
    text(svg, MARGIN, 25, "start", " font-size=\"15\"", title);
    for (int i = 0; i < panels.size(); i++) {
      int x = MARGIN + i % COLUMNS * PANEL_WIDTH;
      panel(svg, panels.get(i), x, HEAD_HEIGHT + i / COLUMNS * panelHeight);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void panel(StringBuilder svg, Panel panel, int x, int y) {
    int left = x + NAME_WIDTH;
    int length = PANEL_WIDTH - NAME_WIDTH - VALUE_WIDTH;
    double most = panel.bars.stream().mapToDouble(Bar::value).max().orElse(0);
    text(svg, left, y + 14, "start", " font-weight=\"bold\"", panel.name);
    for (int i = 0; i < panel.bars.size(); i++) {
      Bar bar = panel.bars.get(i);
      int top = y + PANEL_HEAD_HEIGHT + i * BAR_STEP;
      int base = top + BAR_HEIGHT - 3;
      double end = left + (most == 0 ? 0 : length * bar.value / most);
      text(svg, left - 6, base, "end", "", bar.name);
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
              left,
              top,
              end - left,
              BAR_HEIGHT,
              bar.colour));
      text(svg, Math.round(end) + 5, base, "start", "", bar.label);
    }
  }

  private static void text(
      StringBuilder svg, long x, int y, String anchor, String more, String words) {
    svg.append("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\"%s>".formatted(x, y, anchor, more))
        .append(words.replace("&", "&amp;").replace("<", "&lt;"))
        .append("</text>\n");
  }

  /// What it is called, how long it is, and what stands behind it.
  record Bar(String name, double value, String label, String colour) {}

  private record Panel(String name, List<Bar> bars) {
    Panel {
      bars = List.copyOf(bars);
    }
  }
}
