// The nets of couplings and autoregressive layers as C: lines that set h, over the buffers u, v and
// r.
#include <cassert>

#include "info/c_site.h"
#include "nn/made.h"

namespace flow {

namespace {

const char* activation_of(Config& net, CSource& source) {
  const std::string name = net.text("activation");
  const char* helper = name == "relu" ? "relu" : name == "silu" ? "silu" : "tanh_all";
  source.call(helper);
  return helper;
}

// y = the dense layer `part` of x.
void dense(CSite& s, const std::string& part, const std::string& x, const std::string& y) {
  const Param& w = s.find(part + "/weight")->param;
  s.source.call("dense");
  s.source.line("dense(%zu, %zu, %s, %s, %s, %s);", w.cols, w.rows,
                s.array(part + "/weight").c_str(), s.array(part + "/bias").c_str(), x.c_str(),
                y.c_str());
}

std::size_t outputs(const CSite& s, const std::string& part) {
  return s.find(part + "/weight")->param.rows;
}

// "net", or one of a pair: layers 0, 1 ... with an activation between each and the next.
void export_mlp(CSite& s, Config& net, const std::string& part, std::string x,
                const std::string& to) {
  const char* activation = activation_of(net, s.source);
  for (std::size_t l = 0;; ++l) {
    const std::string layer = part + "/" + std::to_string(l);
    if (!s.find(part + "/" + std::to_string(l + 1) + "/weight")) return dense(s, layer, x, to);
    const std::size_t n = outputs(s, layer);
    const std::string y = s.source.buffer(l % 2 == 0 ? "u" : "v", n);
    dense(s, layer, x, y);
    s.source.line("%s(%zu, %s, %s);", activation, n, y.c_str(), y.c_str());
    x = y;
  }
}

// r = in(x);  r += V act(U act(r)) of each block;  h = out(r).
void export_residual(CSite& s, Config& net, const std::string& x) {
  const char* activation = activation_of(net, s.source);
  const std::size_t n = outputs(s, "net/in");
  const std::string r = s.source.buffer("r", n), u = s.source.buffer("u", n),
                    v = s.source.buffer("v", n);
  dense(s, "net/in", x, r);
  for (std::size_t b = 0;; ++b) {
    const std::string block = "net/block-" + std::to_string(b);
    if (!s.find(block + "/u/weight")) break;
    s.source.line("%s(%zu, r, u);", activation, n);
    dense(s, block + "/u", u, v);
    s.source.line("%s(%zu, v, v);", activation, n);
    dense(s, block + "/v", v, u);
    s.source.call("add");
    s.source.line("add(%zu, u, r);", n);
  }
  dense(s, "net/out", r, "h");
}

}  // namespace

void export_net(CSite& s, std::size_t first, std::size_t out) {
  Config& net = s.entry.has("net") ? s.entry.map("net") : s.spec.map("net");
  const std::string kind = net.text("kind"), x = format("z + %zu", first);
  s.source.buffer("h", out);
  if (kind == "mlp") return export_mlp(s, net, "net", x, "h");
  if (kind == "residual") return export_residual(s, net, x);
  assert(kind == "pair");  // the nets of images come with a split that is refused
  export_mlp(s, net.map("scale"), "net/scale", x, "h");
  export_mlp(s, net.map("shift"), "net/shift", x, format("h + %zu", out / 2));
}

void export_made(CSite& s, std::size_t params) {
  Config& net = s.entry.has("net") ? s.entry.map("net") : s.spec.map("net");
  if (net.text("kind") != "mlp") refuse_export(s.name + ": a masked residual net");
  const char* activation = activation_of(net, s.source);
  const auto sees = made_sees(0, s.columns, params, net.counts("hidden", 1, 1 << 16));
  std::string x = "z";
  for (std::size_t l = 0; l < sees.size(); ++l) {
    const std::string part = "net/" + std::to_string(l);
    const CVec w = s.values(part + "/weight");
    std::vector<real> masked(w.begin(), w.end());
    const std::size_t outputs = sees[l].size(), inputs = w.size() / outputs;
    for (std::size_t o = 0; o < outputs; ++o)
      for (std::size_t k = sees[l][o]; k < inputs; ++k) masked[o * inputs + k] = 0;
    const bool last = l + 1 == sees.size();
    const std::string y = s.source.buffer(last ? "h" : l % 2 == 0 ? "u" : "v", outputs);
    s.source.call("dense");
    s.source.line("dense(%zu, %zu, %s, %s, %s, %s);", inputs, outputs,
                  s.source.array(s.name + "/" + part + "/weight", CVec(masked)).c_str(),
                  s.array(part + "/bias").c_str(), x.c_str(), y.c_str());
    if (!last) s.source.line("%s(%zu, %s, %s);", activation, outputs, y.c_str(), y.c_str());
    x = y;
  }
}

}  // namespace flow
