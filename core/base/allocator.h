// The allocator behind every program of ours.
//
// Programs are linked with gperftools' minimal tcmalloc (not under sanitizers, which bring their
// own). Its spans of pages are reused by the best fit and kept until asked for. glibc's malloc
// either maps every large tensor anew, with pages that the kernel clears again (14 % of the time of
// Integrated Gradients of gpt2), or keeps them in one heap that activations, weights unpacked for a
// product and gradients tear to pieces: of bert-base 587 MB where 393 do.
#pragma once

namespace driftlens {

// What was freed goes back to the system now, not one day. For when a model is closed.
void returnFreedMemory();

}  // namespace driftlens
