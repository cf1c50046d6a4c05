// A library that can be opened and has no entry for a training.

extern "C" int weir_trains_nothing() { return 0; }
