#include "tools/learning/training_curves.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "runtime/base/check.hpp"
#include "runtime/record/replace_record.hpp"

namespace weir {
namespace {

// The picture, in points.
constexpr double kWidth = 640;
constexpr double kHeight = 400;
constexpr double kLeft = 70;
constexpr double kRight = 20;
constexpr double kTop = 40;
constexpr double kBottom = 50;
constexpr int kTicks = 5;
constexpr std::array<const char*, 4> kColours{"#1f77b4", "#d62728", "#2ca02c", "#9467bd"};

struct Range {
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();

  void include(double value) {
    if (!std::isfinite(value)) return;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  // Of one value, or none, there is still room for a line.
  void widen() {
    if (!(least <= most)) least = most = 0;
    if (least == most) {
      least -= 0.5;
      most += 0.5;
    }
  }
};

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

// With what XML gives a meaning replaced.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<')
      result += "&lt;";
    else if (c == '&')
      result += "&amp;";
    else
      result += c;
  }
  return result;
}

class Picture {
 public:
  Picture(const TrainingCurve& curve, const std::string& title) : curve_(curve) {
    for (const auto& row : curve.rows) {
      x_.include(row[0]);
      for (std::size_t column = 1; column < row.size(); ++column) y_.include(row[column]);
    }
    x_.widen();
    y_.widen();
    svg_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(kWidth) + " " +
           number(kHeight) +
           "\" font-family=\"sans-serif\" font-size=\"12\">\n"
           "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
    text(kWidth / 2, kTop / 2, "middle", title);
  }

  std::string drawn() {
    draw_axes();
    for (std::size_t column = 1; column < curve_.columns.size(); ++column) draw_line(column);
    return svg_ + "</svg>\n";
  }

 private:
  double place_x(double value) const {
    return kLeft + (kWidth - kLeft - kRight) * (value - x_.least) / (x_.most - x_.least);
  }
  double place_y(double value) const {
    return kHeight - kBottom -
           (kHeight - kTop - kBottom) * (value - y_.least) / (y_.most - y_.least);
  }

  void text(double x, double y, const char* anchor, const std::string& what,
            const char* colour = "black") {
    svg_ += "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor +
            "\" fill=\"" + colour + "\">" + escaped(what) + "</text>\n";
  }

  void line(double x1, double y1, double x2, double y2, const char* colour) {
    svg_ += "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) +
            "\" y2=\"" + number(y2) + "\" stroke=\"" + colour + "\"/>\n";
  }

  void draw_axes() {
    for (int tick = 0; tick <= kTicks; ++tick) {
      const double share = static_cast<double>(tick) / kTicks;
      const double x = x_.least + share * (x_.most - x_.least);
      const double y = y_.least + share * (y_.most - y_.least);
      line(kLeft, place_y(y), kWidth - kRight, place_y(y), "#dddddd");
      text(kLeft - 6, place_y(y) + 4, "end", number(y));
      text(place_x(x), kHeight - kBottom + 18, "middle", number(x));
    }
    line(kLeft, kTop, kLeft, kHeight - kBottom, "black");
    line(kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom, "black");
    text(kWidth / 2, kHeight - 10, "middle", curve_.columns[0]);
  }

  void draw_line(std::size_t column) {
    const char* const colour = kColours[(column - 1) % kColours.size()];
    std::string path;
    bool is_down = false;
    for (const auto& row : curve_.rows) {
      const bool is_drawn = std::isfinite(row[0]) && std::isfinite(row[column]);
      if (is_drawn) {
        path +=
            (is_down ? " L" : " M") + number(place_x(row[0])) + ' ' + number(place_y(row[column]));
      }
      is_down = is_drawn;
    }
    svg_ +=
        "<path d=\"" + path + "\" fill=\"none\" stroke-width=\"2\" stroke=\"" + colour + "\"/>\n";
    text(kWidth - kRight - 4, kTop + 16 * static_cast<double>(column), "end",
         curve_.columns[column], colour);
  }

  const TrainingCurve& curve_;
  Range x_;
  Range y_;
  std::string svg_;
};

}  // namespace

void write_curve(const TrainingCurve& curve, const std::filesystem::path& path) {
  std::vector<Array> arrays;
  for (std::size_t column = 0; column < curve.columns.size(); ++column) {
    std::vector<double> values;
    for (const auto& row : curve.rows) values.push_back(row[column]);
    arrays.push_back({curve.columns[column], std::move(values), "one value per row of the curve"});
  }
  replace_record(path, "the training curves", [&](const std::filesystem::path& unfinished) {
    const Attributes attributes{{"weir_contents", std::string("training curves")}};
    return RecordWriter(unfinished, {}, attributes, arrays, {.own_thread = false}).close();
  });
}

std::string picture_of(const TrainingCurve& curve, const std::string& title) {
  WEIR_CHECK(curve.columns.size() >= 2 && !curve.rows.empty(), "nothing to draw");
  return Picture(curve, title).drawn();
}

}  // namespace weir
