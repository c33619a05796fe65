#include "xai/methods/max_flow.h"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>

namespace driftlens {
namespace {

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
struct Node {
    boost::default_color_type color = boost::white_color;
    long distance = 0;
    Traits::edge_descriptor predecessor;
};
struct Edge {
    double capacity = 0.0;
    double residual = 0.0;
    Traits::edge_descriptor reverse;
};
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Node, Edge>;

void addEdge(Graph& graph, std::size_t from, std::size_t to, double capacity) {
    const auto forward = boost::add_edge(from, to, graph).first;
    const auto backward = boost::add_edge(to, from, graph).first;
    graph[forward].capacity = capacity;
    graph[forward].reverse = backward;
    graph[backward].reverse = forward;
}

}  // namespace

LayeredNetwork::LayeredNetwork(std::int64_t columns, std::vector<std::vector<double>> capacities)
    : m_columns(columns), m_capacities(std::move(capacities)) {}

double LayeredNetwork::maxFlow(std::int64_t top, std::int64_t input) const {
    const auto columns = static_cast<std::size_t>(m_columns);
    const std::size_t layers = m_capacities.size();
    Graph graph(columns * (layers + 1));
    for (std::size_t layer = 0; layer < layers; ++layer) {
        for (std::size_t i = 0; i < columns; ++i) {
            if (layer + 1 == layers && i != static_cast<std::size_t>(top)) continue;
            for (std::size_t j = 0; j < columns; ++j) {
                if (layer == 0 && j != static_cast<std::size_t>(input)) continue;
                const double capacity = m_capacities[layer][i * columns + j];
                if (capacity > 0.0)
                    addEdge(graph, (layer + 1) * columns + i, layer * columns + j, capacity);
            }
        }
    }
    return boost::boykov_kolmogorov_max_flow(
        graph, boost::get(&Edge::capacity, graph), boost::get(&Edge::residual, graph),
        boost::get(&Edge::reverse, graph), boost::get(&Node::predecessor, graph),
        boost::get(&Node::color, graph), boost::get(&Node::distance, graph),
        boost::get(boost::vertex_index, graph), layers * columns + static_cast<std::size_t>(top),
        static_cast<std::size_t>(input));
}

}  // namespace driftlens
