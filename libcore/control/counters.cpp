#include "control/counters.hpp"

#include <fmt/core.h>

#include <cassert>
#include <cmath>

namespace hepcap::control {

namespace {

[[maybe_unused]] bool is_metric_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == ':';
    };
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    for (const char c : name) {
        if (!fits(c)) return false;
    }
    return true;
}

void append_escaped(std::string& out, std::string_view text, bool with_quotes) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\\' || (with_quotes && c == '"')) {
            out.push_back('\\');
            out.push_back(c);
        } else {
            out.push_back(c);
        }
    }
}

// Numbers as the format spells them, which is not how fmt spells those that are none.
std::string level_text(double level) {
    if (std::isnan(level)) return "NaN";
    if (std::isinf(level)) return level > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", level);
}

}  // namespace

Counters::Series& Counters::series(const std::string& name, const std::string& help,
                                   const std::string& labels, bool is_counter) {
    assert(is_metric_name(name));
    Family* family = nullptr;
    for (Family& known : families_) {
        if (known.name == name) family = &known;
    }
    if (!family) {
        families_.push_back({name, help, is_counter, {}});
        family = &families_.back();
    }
    assert(family->is_counter == is_counter);
    for (Series& known : family->series) {
        if (known.labels == labels) return known;
    }
    Series& added = family->series.emplace_back();
    added.labels = labels;
    return added;
}

Counter& Counters::add(const std::string& name, const std::string& help, const std::string& labels) {
    const std::lock_guard lock(mutex_);
    return series(name, help, labels, true).counter;
}

void Counters::add_gauge(const std::string& name, const std::string& help, std::function<double()> level,
                         const std::string& labels) {
    const std::lock_guard lock(mutex_);
    series(name, help, labels, false).level = std::move(level);
}

void Counters::for_each(const std::function<void(const Sample&)>& show) const {
    const std::lock_guard lock(mutex_);
    for (const Family& family : families_) {
        for (const Series& s : family.series) {
            show({family.name, s.labels, family.is_counter, s.counter.value(), s.level ? s.level() : 0.0});
        }
    }
}

void Counters::render_prometheus(std::string& out) const {
    const std::lock_guard lock(mutex_);
    for (const Family& family : families_) {
        out += fmt::format("# HELP {} ", family.name);
        append_escaped(out, family.help, false);
        out += fmt::format("\n# TYPE {} {}\n", family.name, family.is_counter ? "counter" : "gauge");
        for (const Series& s : family.series) {
            out += family.name;
            if (!s.labels.empty()) out += "{" + s.labels + "}";
            out += family.is_counter ? fmt::format(" {}\n", s.counter.value())
                                     : fmt::format(" {}\n", level_text(s.level ? s.level() : 0.0));
        }
    }
}

std::string label(std::string_view name, std::string_view value) {
    std::string text(name);
    text += "=\"";
    append_escaped(text, value, true);
    text.push_back('"');
    return text;
}

}  // namespace hepcap::control
