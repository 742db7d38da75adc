// A value or the reason why there is none.  The member names are those of std::expected (C++23),
// so that this file can go once the compiler of the oldest supported Debian brings it.
#pragma once

#include <cassert>
#include <utility>
#include <variant>

namespace hepcap {

template <class E>
struct Unexpected {
    E error;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

template <class T, class E>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Unexpected<E> u) : state_(std::in_place_index<1>, std::move(u.error)) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& operator*() & {
        assert(has_value());
        return *std::get_if<0>(&state_);
    }
    const T& operator*() const& {
        assert(has_value());
        return *std::get_if<0>(&state_);
    }
    T&& operator*() && {
        assert(has_value());
        return std::move(*std::get_if<0>(&state_));
    }
    T* operator->() { return &**this; }
    const T* operator->() const { return &**this; }

    const E& error() const {
        assert(!has_value());
        return *std::get_if<1>(&state_);
    }

private:
    std::variant<T, E> state_;
};

}  // namespace hepcap
